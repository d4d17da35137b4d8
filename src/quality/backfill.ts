// Scores stored answers again under the present versions of the evaluators. What an earlier version said stays.
import type { Config } from '../config/schema.ts'
import { messageOf, UserError } from '../records/failure.ts'
import type { Accept } from '../records/record-kind.ts'
import type { Score } from '../records/score.ts'
import {
  countScoredCalls,
  type EarlierScore,
  earlierScores,
  scoredCalls,
  verdictCosts,
} from '../store/queries/scored-calls.ts'
import type { SampledCall } from '../store/queries/unscored-calls.ts'
import type { Store } from '../store/store.ts'
import type { Log } from '../telemetry/log.ts'
import type { PreparedEvaluator } from './evaluator.ts'
import type { Encoder } from './encoder.ts'
import type { Judge } from './judge.ts'
import { type Plan, planEvaluators } from './plan.ts'
import { compositeScore, evaluatorScore, pinnedVersion } from './score-call.ts'

export interface BackfillOptions {
  readonly config: Pick<Config, 'project' | 'quality'>
  readonly store: Store
  readonly accept: Accept
  readonly log: Log
  /** The judge of the live answers, whose budget bounds this too. */
  readonly judge: Judge | null
  readonly encoder?: Encoder
  /** Clock in epoch milliseconds. */
  readonly now: () => number
}

export interface BackfillQuery {
  /** Answers that started since (epoch ms). */
  readonly sinceMs: number
  /** Only this evaluator; `null` = all. */
  readonly evaluator: string | null
}

export interface BackfillEstimate {
  /** Answers at most: those that have their present verdicts already are passed over. */
  readonly answers: number
  /** US dollars at most, at what verdicts cost so far; `null` where none is known. */
  readonly usd: number | null
}

export interface BackfillProgress extends BackfillEstimate {
  readonly state: 'running' | 'done' | 'stopped'
  readonly looked: number
  readonly scored: number
  /** Why it stopped; empty otherwise. */
  readonly reason: string
}

export interface Backfills {
  estimate(query: BackfillQuery): Promise<BackfillEstimate>
  /** Starts one; throws a `UserError` while another runs or when the evaluator is not configured. */
  start(query: BackfillQuery): Promise<BackfillProgress>
  /** The newest one since the program or its configuration was loaded; `null` before the first. */
  progress(): BackfillProgress | null
  stop(): Promise<void>
}

/** Opens the desk for back-fills; nothing is read before the first is asked for. */
export function openBackfills(options: BackfillOptions): Backfills {
  const plan = planEvaluators(options.config.quality)
  const stop = new AbortController()
  let progress: BackfillProgress | null = null
  let running: Promise<void> = Promise.resolve()
  const estimate = async (query: BackfillQuery) => estimateOf(options, wantedOf(plan, query), query)
  return {
    estimate,
    async start(query) {
      const wanted = wantedOf(plan, query)
      const expected = await estimateOf(options, wanted, query)
      if (progress?.state === 'running') {
        throw new UserError('a back-fill runs already: GET /api/v1/backfill says how far it is', {
          status: 409,
          code: 'backfill_running',
        })
      }
      progress = { ...expected, state: 'running', looked: 0, scored: 0, reason: '' }
      const report = (parts: Partial<BackfillProgress>) => {
        if (progress !== null) progress = { ...progress, ...parts }
      }
      running = run({ ...options, plan, wanted, signal: stop.signal }, query, report)
      return progress
    },
    progress: () => progress,
    async stop() {
      stop.abort()
      await running
    },
  }
}

function wantedOf(plan: Plan, { evaluator }: BackfillQuery): readonly PreparedEvaluator[] {
  const wanted = plan.all.filter(({ kind }) => evaluator === null || kind === evaluator)
  if (wanted.length > 0) return wanted
  const kinds = plan.all.map(({ kind }) => kind).join(', ')
  throw new UserError(
    `no evaluator ${JSON.stringify(evaluator ?? 'at all')} is configured; there are: ${kinds === '' ? 'none' : kinds}`,
    { code: 'evaluator_unknown' },
  )
}

async function estimateOf(
  { store, config }: BackfillOptions,
  wanted: readonly PreparedEvaluator[],
  { sinceMs }: BackfillQuery,
): Promise<BackfillEstimate> {
  const query = { project: config.project, sinceMs }
  const [answers, costs] = await Promise.all([
    countScoredCalls(store, query),
    verdictCosts(store, query),
  ])
  const known = new Map(costs.map(({ evaluator, usd }) => [evaluator, usd]))
  const each = wanted.map(({ kind, needsJudge }) => known.get(kind) ?? (needsJudge ? null : 0))
  const sum = each.reduce<number | null>(
    (total, usd) => (total === null || usd === null ? null : total + usd),
    0,
  )
  return { answers, usd: sum === null ? null : sum * answers }
}

interface BackfillRun extends BackfillOptions {
  readonly plan: Plan
  readonly wanted: readonly PreparedEvaluator[]
  readonly signal: AbortSignal
}

const pageSize = 32

/** Never rejects: why it ended is in its progress. */
async function run(
  options: BackfillRun,
  { sinceMs }: BackfillQuery,
  report: (parts: Partial<BackfillProgress>) => void,
): Promise<void> {
  const { store, config, signal, log } = options
  let after: SampledCall | null = null
  let looked = 0
  let scored = 0
  try {
    for (;;) {
      signal.throwIfAborted()
      const query = { project: config.project, sinceMs, after, limit: pageSize }
      const calls: readonly SampledCall[] = await scoredCalls(store, query)
      const last = calls.at(-1)
      if (last === undefined) break
      after = last
      const page = await scorePage(options, calls, sinceMs)
      scored += page.scored
      looked += calls.length
      report({ looked, scored })
      if (page.unpaid !== null) throw new UserError(page.unpaid)
    }
    report({ state: 'done' })
    log.info({ looked, scored }, 'A back-fill is done.')
  } catch (error) {
    const reason = signal.aborted ? 'the program stopped or was reloaded' : messageOf(error)
    report({ state: 'stopped', reason })
    log.warn({ looked, scored, reason }, 'A back-fill stopped.')
  }
}

/** How many answers of a page were scored again, and why no more can be paid, or `null`. */
async function scorePage(
  options: BackfillRun,
  calls: readonly SampledCall[],
  sinceMs: number,
): Promise<{ readonly scored: number; readonly unpaid: string | null }> {
  const { store, config, accept } = options
  const ids = calls.map(({ callId }) => callId)
  const earlier = await earlierScores(store, { project: config.project, sinceMs, ids })
  const made = await Promise.all(
    calls.map((call) => {
      return scoreAgain(
        options,
        call,
        earlier.filter(({ callId }) => callId === call.callId),
      )
    }),
  )
  // What money could not be spent on has a verdict of another version already: it is no verdict, and not kept.
  const paid = made.filter((scores) => scores.every(({ outcome }) => outcome !== 'dropped'))
  const scores = paid.flat()
  if (scores.length > 0) await accept('scores', scores)
  const unpaid = made.flat().find(({ outcome }) => outcome === 'dropped')
  return { scored: paid.filter((one) => one.length > 0).length, unpaid: unpaid?.reason ?? null }
}

/** The verdicts that the call lacks under the present versions, and its composite once it lacks none. */
async function scoreAgain(
  options: BackfillRun,
  call: SampledCall,
  earlier: readonly EarlierScore[],
): Promise<readonly Score[]> {
  const { plan, wanted, config, judge, encoder, signal, now } = options
  const evaluators = plan.evaluatorsFor(call.model)
  const kept = earlier.filter(
    (score) => isVerdict(score) && evaluators.some((evaluator) => isBy(score, evaluator)),
  )
  const missing = evaluators.filter((one) => !kept.some((score) => isBy(score, one)))
  const asked = missing.filter(({ kind }) => wanted.some((one) => one.kind === kind))
  if (asked.length === 0) return []
  const context = { judge, signal, ...(encoder === undefined ? {} : { encoder }) }
  const scores = await Promise.all(
    asked.map((evaluator) => evaluatorScore(call, evaluator, { context, now })),
  )
  // A composite of some old and some new verdicts would be of no version.
  if (asked.length < missing.length) return scores
  const composite = { ...config.quality.composite, goodAnswer: config.quality.goodAnswer }
  const all = [...kept, ...scores.map((score) => ({ ...score, version: score.evaluatorVersion }))]
  return [...scores, compositeScore(call, { evaluators, scores: all, composite, now })]
}

/** A broken or unpaid evaluation is worth another try. */
function isVerdict({ outcome }: EarlierScore): boolean {
  return outcome === 'scored' || outcome === 'skipped'
}

function isBy(score: EarlierScore, { kind, version }: PreparedEvaluator): boolean {
  return score.evaluator === kind && pinnedVersion(score.version) === version
}
