// Replays a trace against the gateway: real arrivals, prompts of exactly the recorded lengths, each row once.
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLabClient, type ClientSight, type LabClient } from './client.ts'
import { summariseReplay, type ReplayReport, type RowResult } from './replay-report.ts'
import { readTrace, type TraceRow } from './traces.ts'

export interface ReplayOptions {
  readonly file: string
  readonly gatewayUrl: string
  /** Rows go to these in turn. */
  readonly models: readonly string[]
  /** How many times faster than recorded. */
  readonly timeScale: number
  /** Only the first rows. */
  readonly limit?: number
  readonly stream: boolean
  /** Most calls in flight; rows due beyond it wait, and the report says how long. */
  readonly concurrencyLimit: number
  readonly onProgress?: (progress: ReplayProgress) => void
  readonly signal?: AbortSignal
}

export interface ReplayProgress {
  readonly sent: number
  readonly finished: number
  readonly inFlight: number
}

const progressEveryMs = 1_000
/** A row that is refused this often in a row is given up. */
const mostTries = 200

/**
 * Sends each row at its time (open loop) and repeats only what certainly did not run: 429, 503 and refused
 * connections. Resolves when the last row has ended.
 */
export async function replayTrace(options: ReplayOptions): Promise<ReplayReport> {
  const client = createLabClient(options.gatewayUrl, options.concurrencyLimit)
  // Each call in flight listens.
  if (options.signal !== undefined) setMaxListeners(0, options.signal)
  const results: RowResult[] = []
  const running = new Set<Promise<unknown>>()
  const startedMs = performance.now()
  let sent = 0
  const progress = () =>
    options.onProgress?.({ sent, finished: results.length, inFlight: running.size })
  const timer = setInterval(progress, progressEveryMs)

  try {
    for await (const row of readTrace(options.file)) {
      if (sent === options.limit || options.signal?.aborted === true) break
      const dueMs = startedMs + row.atMs / options.timeScale
      await pause(dueMs - performance.now(), options.signal)
      while (running.size >= options.concurrencyLimit) await Promise.race(running)
      const model = options.models[sent % options.models.length] ?? ''
      sent += 1
      const latenessMs = Math.max(0, performance.now() - dueMs)
      const ending = sendRow({ client, row, model, options })
        .then((result) => results.push({ ...result, latenessMs }))
        .finally(() => running.delete(ending))
      running.add(ending)
    }
    await Promise.all(running)
  } finally {
    clearInterval(timer)
    progress()
    await client.close()
  }
  return summariseReplay(results, sent, performance.now() - startedMs)
}

async function sendRow(request: {
  readonly client: LabClient
  readonly row: TraceRow
  readonly model: string
  readonly options: ReplayOptions
}): Promise<Omit<RowResult, 'latenessMs'>> {
  const { client, row, model, options } = request
  const call = {
    model,
    prompt: promptOf(row),
    stream: options.stream,
    maxTokens: row.completionTokens,
    ignoreEos: true,
    metadata: { trace_line: String(row.line) },
  }
  for (let tries = 1; ; tries += 1) {
    const sight = await client.send(call, options.signal)
    const again = mayRepeat(sight) && tries < mostTries && options.signal?.aborted !== true
    // Thousands of answers need not stay in memory.
    if (!again) return { row, sight: { ...sight, answer: '' }, tries }
    await pause(waitMs(sight, tries), options.signal)
  }
}

/** Anything else may have run to its end on the other side, and would then be counted twice. */
function mayRepeat(sight: ClientSight): boolean {
  return sight.neverSent || sight.status === 429 || sight.status === 503
}

/** The server's own wish, within bounds, spread so that refused rows do not come back together. */
function waitMs(sight: ClientSight, tries: number): number {
  const wished = sight.retryAfterMs ?? 100 * Math.min(tries, 10)
  return Math.min(2_000, Math.max(20, wished)) * (0.5 + Math.random())
}

const fillerWords = Array.from({ length: 4_096 }, (_, index) => `w${index}`)

/** A prompt of exactly the row's number of words; the first names the line, so no two prompts are equal. */
function promptOf(row: TraceRow): string {
  const words = Array.from(
    { length: row.promptTokens },
    (_, index) => fillerWords[index % fillerWords.length] ?? '',
  )
  if (words.length > 0) words[0] = `line${row.line}`
  return words.join(' ')
}

async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (ms <= 0) return
  // An abort ends the pause early and is seen by the caller's own check.
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
}
