// Runs the controls on their schedules, keeps their verdicts, and says when one moved: a judge that drifts is told
// apart from a model that does.
import type { Config } from '../../config/schema.ts'
import { goldenProject, probesProject } from '../../records/control-project.ts'
import { messageOf } from '../../records/failure.ts'
import type { Accept } from '../../records/record-kind.ts'
import type { Score } from '../../records/score.ts'
import type { Store } from '../../store/store.ts'
import type { Log } from '../../telemetry/log.ts'
import { encoderName, type Encoder } from '../encoder.ts'
import type { EvaluationContext } from '../evaluator.ts'
import type { Judge } from '../judge.ts'
import { openPace } from '../pace.ts'
import { planEvaluators } from '../plan.ts'
import { type ControlNews, openControlNews } from './control-news.ts'
import { controlStates } from './control-states.ts'
import { checkGolden, judgeGolden } from './golden-run.ts'
import { readGoldenSet } from './golden-set.ts'
import { askProbes, prepareProbes } from './probe-run.ts'
import { newestScoreMs } from '../../store/queries/control-scores.ts'

export interface ControlsOptions {
  readonly config: Pick<Config, 'project' | 'quality' | 'fleet'>
  readonly store: Store
  readonly accept: Accept
  readonly log: Log
  /** The judge of the live answers, so that one budget bounds both. */
  readonly judge: Judge | null
  readonly encoder?: Encoder
  /** `null` while there is no gateway. */
  readonly gatewayUrl: () => string | null
  /** Clock in epoch milliseconds. */
  readonly now: () => number
  /** Uniform in [0, 1). */
  readonly random?: () => number
  /** Longest time until a run that is due is noticed, in milliseconds. */
  readonly lookEveryMs?: number
}

export interface Controls {
  stop(): Promise<void>
}

/** Starts the configured controls. Throws a `UserError` when the golden set or a probe cannot be used. */
export function startControls(options: ControlsOptions): Controls {
  const stop = new AbortController()
  const runs = controlRuns(options, stop.signal)
  if (runs.length === 0) return { stop: () => Promise.resolve() }
  const pace = openPace(options.lookEveryMs ?? 10_000)
  const loop = keepRunning()
  return {
    async stop() {
      stop.abort()
      pace.stop()
      await loop
    },
  }

  async function keepRunning(): Promise<void> {
    const news = openControlNews(options)
    const due = new Map<ControlRun, number>()
    while (!pace.stopped()) {
      for (const run of runs) await runIfDue(options, run, due)
      await pace.pause()
      await tellNews(options, news)
    }
  }
}

/** Makes a run whose time has come. One that fails is made again at the next look. */
async function runIfDue(
  options: ControlsOptions,
  run: ControlRun,
  due: Map<ControlRun, number>,
): Promise<void> {
  const { now, accept, log } = options
  try {
    const dueMs = due.get(run) ?? (await lastRunMs(options, run)) + run.everyMs
    due.set(run, dueMs)
    if (now() < dueMs || run.signal.aborted) return
    const scores = await run.make()
    if (scores.length > 0) await accept('scores', scores)
    due.set(run, now() + run.everyMs)
  } catch (error) {
    if (run.signal.aborted) return
    log.warn({ run: run.project, error: messageOf(error) }, 'A control did not run.')
  }
}

async function tellNews(options: ControlsOptions, news: ControlNews): Promise<void> {
  const { store, config, now, log } = options
  try {
    await news.tell(await controlStates(store, config, now()))
  } catch (error) {
    log.warn({ error: messageOf(error) }, 'The controls cannot be read.')
  }
}

interface ControlRun {
  readonly signal: AbortSignal
  readonly project: string
  readonly everyMs: number
  readonly make: () => Promise<readonly Score[]>
}

function controlRuns(options: ControlsOptions, signal: AbortSignal): readonly ControlRun[] {
  return [...goldenRuns(options, signal), ...probeRuns(options, signal)]
}

function contextOf(
  judge: Judge | null,
  encoder: Encoder | undefined,
  signal: AbortSignal,
): EvaluationContext {
  return { judge, signal, ...(encoder === undefined ? {} : { encoder }) }
}

function goldenRuns(options: ControlsOptions, signal: AbortSignal): readonly ControlRun[] {
  const { config, judge, encoder, now, random = Math.random } = options
  const { project, quality } = config
  const { golden } = quality
  if (golden === undefined || !quality.enabled) return []
  const answers = readGoldenSet(golden.file)
  const evaluators = planEvaluators(quality).all
  checkGolden(answers, evaluators)
  const context = contextOf(judge, encoder, signal)
  const run = { project, answers, config: golden, evaluators, context, now, random }
  const make = () => judgeGolden(run)
  return [{ project: goldenProject(project), everyMs: golden.every, make, signal }]
}

function probeRuns(options: ControlsOptions, signal: AbortSignal): readonly ControlRun[] {
  const { config, judge, encoder, now, random = Math.random } = options
  const { project, quality, fleet } = config
  const settings = quality.probes
  if (settings === undefined || !quality.enabled) return []
  const probes = prepareProbes(settings, judge?.model ?? '', encoderName(quality.encoder))
  const served = [...new Set(fleet.components.map(({ model, name }) => model ?? name))]
  const models = settings.models.length === 0 ? served : settings.models
  const context = contextOf(judge, encoder, signal)
  const make = async () => {
    const gatewayUrl = options.gatewayUrl()
    if (gatewayUrl === null) return []
    const run = { project, probes, config: settings, models, gatewayUrl, context, now, random }
    return await askProbes(run)
  }
  return [{ project: probesProject(project), everyMs: settings.every, make, signal }]
}

/** A restart is no reason to run again. */
async function lastRunMs({ store }: ControlsOptions, { project }: ControlRun): Promise<number> {
  return (await newestScoreMs(store, project)) ?? Number.NEGATIVE_INFINITY
}
