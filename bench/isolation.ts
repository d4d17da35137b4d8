// Does one model's surge reach another? Model B's time to first token alone and while A gets a 20-fold surge.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { createRandom } from '../src/stats/random.ts'
import { quantile } from '../src/lab/replay-report.ts'
import type { Benchmark } from './benchmark.ts'
import { workerAnswer, type LoadReport } from './isolation-messages.ts'
import type { WorkerAnswer, WorkerOrder } from './isolation-messages.ts'

export const isolation: Benchmark = {
  name: 'isolation',
  summary: 'p99 time to first token of one model, alone and during a surge on its neighbour',
  options: {
    repetitions: 'how often each of the two phases runs, in turn (default 4)',
    seconds: 'length of one phase (default 15)',
    surge: 'how many times its usual rate the neighbour gets (default 20)',
    'victim-rate': 'calls a second to the observed model (default 8)',
    'neighbour-rate': 'usual calls a second to the neighbour (default 5)',
    speed: 'speed of the emulated engines against the measured ones (default 1)',
    gateway: 'URL of a running gateway that serves the models victim and neighbour (default: own)',
  },
  run: runIsolation,
}

const defaults = {
  repetitions: '4',
  seconds: '15',
  surge: '20',
  'victim-rate': '8',
  'neighbour-rate': '5',
  speed: '1',
  gateway: '',
}

/** Tells phases apart and keeps the schedule of the observed model the same in both. */
const phases = ['solo', 'surge'] as const
type Phase = (typeof phases)[number]

async function runIsolation(options: Readonly<Record<string, string>>) {
  const settings = { ...defaults, ...options }
  const workers: Worker[] = []
  const open = () => {
    const worker = startWorker()
    workers.push(worker)
    return worker
  }
  try {
    const gatewayUrl =
      settings.gateway === '' ? await startFleet(open, Number(settings.speed)) : settings.gateway
    const callers = { victim: open(), neighbour: open() }
    const runs = await measure({ settings, gatewayUrl, ...callers })
    return figures(runs)
  } finally {
    for (const worker of workers) worker.stop()
  }
}

interface Worker {
  ask(order: WorkerOrder): Promise<WorkerAnswer>
  stop(): void
}

function startWorker(): Worker {
  const file = join(import.meta.dirname, `isolation-worker${extname(import.meta.filename)}`)
  const child = fork(file)
  return {
    ask: async (order) => {
      child.send(order)
      return answerOf(child)
    },
    stop: () => {
      if (child.connected) child.disconnect()
    },
  }
}

async function answerOf(child: ChildProcess): Promise<WorkerAnswer> {
  const waiting = new AbortController()
  const died = once(child, 'exit', { signal: waiting.signal }).then(([code]) => {
    throw new Error(`A process of the benchmark ended with code ${code}.`)
  })
  const answered = once(child, 'message', { signal: waiting.signal })
  const [answer]: unknown[] = await Promise.race([answered, died])
  died.catch(() => undefined)
  waiting.abort()
  return workerAnswer.parse(answer)
}

/** Engines of each model in a process of their own, as on GPUs of their own, and a gateway before them. */
async function startFleet(open: () => Worker, speed: number): Promise<string> {
  const neighbour = await urlsOf(open(), { kind: 'engines', model: 'neighbour', copies: 2, speed })
  const victim = await urlsOf(open(), { kind: 'engines', model: 'victim', copies: 1, speed })
  const node = { name: 'gpu-server-1', instanceType: 'ml.g6.12xlarge' }
  const component = (name: string, urls: readonly string[], firstGpu: number) => ({
    name,
    concurrency: 16,
    queue: 32,
    copies: urls.map((url, index) => ({
      id: `${name}-${index}`,
      url,
      node: node.name,
      gpus: [firstGpu + index],
    })),
  })
  const config = {
    dataDirectory: join(tmpdir(), 'equipoise-isolation'),
    gateway: { port: 0 },
    fleet: {
      nodes: [node],
      components: [component('neighbour', neighbour, 0), component('victim', victim, 2)],
    },
  }
  const [gatewayUrl = ''] = await urlsOf(open(), { kind: 'gateway', config })
  return gatewayUrl
}

async function urlsOf(worker: Worker, order: WorkerOrder): Promise<readonly string[]> {
  const answer = await worker.ask(order)
  return answer.kind === 'listening' ? answer.urls : []
}

interface Run {
  readonly phase: Phase
  readonly victim: LoadReport
  readonly neighbour: LoadReport | null
}

interface Setting {
  readonly settings: typeof defaults
  readonly gatewayUrl: string
  readonly victim: Worker
  readonly neighbour: Worker
}

async function measure(setting: Setting): Promise<readonly Run[]> {
  const { settings } = setting
  await runPhase(setting, 'surge', { seed: 'warm-up', seconds: 3 })
  console.log(
    'repetition  phase  victim calls  errors  p50 TTFT ms  p99 TTFT ms  neighbour refused',
  )
  const runs: Run[] = []
  for (let repetition = 1; repetition <= Number(settings.repetitions); repetition += 1) {
    for (const phase of phases) {
      const schedule = { seed: `repetition-${repetition}`, seconds: Number(settings.seconds) }
      const run = await runPhase(setting, phase, schedule)
      runs.push(run)
      printRun(run, repetition)
    }
  }
  return runs
}

async function runPhase(
  { settings, gatewayUrl, victim, neighbour }: Setting,
  phase: Phase,
  schedule: { readonly seed: string; readonly seconds: number },
): Promise<Run> {
  const load = (worker: Worker, model: string, callsPerSecond: number) =>
    worker.ask({ kind: 'load', gatewayUrl, model, callsPerSecond, ...schedule })
  const surgeRate = Number(settings['neighbour-rate']) * Number(settings.surge)
  const [victimAnswer, neighbourAnswer] = await Promise.all([
    load(victim, 'victim', Number(settings['victim-rate'])),
    phase === 'surge' ? load(neighbour, 'neighbour', surgeRate) : null,
  ])
  if (victimAnswer.kind !== 'loaded') throw new Error('The callers gave no report.')
  return {
    phase,
    victim: victimAnswer.report,
    neighbour: neighbourAnswer?.kind === 'loaded' ? neighbourAnswer.report : null,
  }
}

function printRun({ phase, victim, neighbour }: Run, repetition: number): void {
  const ms = (share: number) => (quantile(victim.ttftMs, share) ?? Number.NaN).toFixed(1)
  const cells: readonly (readonly [unknown, number])[] = [
    [repetition, 10],
    [phase, 7],
    [victim.calls, 14],
    [victim.errors + victim.rejected, 8],
    [ms(0.5), 13],
    [ms(0.99), 13],
    [neighbour === null ? '-' : `${neighbour.rejected} of ${neighbour.calls}`, 19],
  ]
  console.log(cells.map(([cell, width]) => String(cell).padStart(width)).join(''))
}

function figures(runs: readonly Run[]): Readonly<Record<string, number>> {
  const ttftOf = (phase: Phase) =>
    runs.filter((run) => run.phase === phase).flatMap(({ victim }) => victim.ttftMs)
  const [solo, surge] = [ttftOf('solo'), ttftOf('surge')]
  const neighbours = runs.flatMap(({ neighbour }) => (neighbour === null ? [] : [neighbour]))
  const interval = ratioInterval(solo, surge)
  return {
    victim_calls: solo.length + surge.length,
    victim_errors: sum(runs.map(({ victim }) => victim.errors + victim.rejected)),
    victim_p99_ttft_solo_ms: rounded(p99(solo)),
    victim_p99_ttft_surge_ms: rounded(p99(surge)),
    victim_p99_ratio: rounded(p99(surge) / p99(solo)),
    victim_p99_ratio_lower: rounded(interval.lower),
    victim_p99_ratio_upper: rounded(interval.upper),
    aggressor_calls: sum(neighbours.map(({ calls }) => calls)),
    aggressor_rejected: sum(neighbours.map(({ rejected }) => rejected)),
  }
}

function p99(values: readonly number[]): number {
  return quantile(values, 0.99) ?? Number.NaN
}

/** 95 % bootstrap interval of the ratio of the two p99. */
function ratioInterval(solo: readonly number[], surge: readonly number[]) {
  const random = createRandom('bootstrap')
  const again = (values: readonly number[]) => values.map(() => random.pick(values))
  const ratios = Array.from(
    { length: 500 },
    () => (quantile(again(surge), 0.99) ?? 0) / (quantile(again(solo), 0.99) ?? 1),
  )
  return { lower: quantile(ratios, 0.025) ?? 0, upper: quantile(ratios, 0.975) ?? 0 }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
