// Writes the bill, minute by minute. A server costs money whether or not anyone looked, so minutes
// that passed while the hub was down are written too, with use unknown.
import { ledgerForMinute } from '../analysis/ledger.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Accept } from '../records/record-kind.ts'
import { messageOf } from '../records/failure.ts'
import type { Store } from '../store/store.ts'
import { lastLedgerMinute } from '../store/queries/ledger-minutes.ts'
import type { Log } from '../telemetry/log.ts'

export interface LedgerKeeper {
  stop(): void
}

export interface LedgerContext {
  readonly project: string
  readonly fleet: Fleet
  readonly store: Store
  readonly accept: Accept
  /** Latest busy share of each GPU; `null` = no reading. */
  readonly gpuWork: () => ReadonlyMap<string, number | null>
  readonly log: Log
  readonly now: () => number
}

const minuteMs = 60_000
const readEveryMs = 5_000
/** Catching up is bounded: a project that slept for longer starts a new ledger. */
const longestGapMs = 7 * 24 * 60 * minuteMs

/** Starts keeping the ledger: the running minute at once (use so far), each finished minute for good. */
export async function keepLedger(context: LedgerContext): Promise<LedgerKeeper> {
  await writeMissedMinutes(context)
  let minute = startOfMinute(context.now())
  let readings = newReadings(context)

  const write = (ofMinute: number, work: ReadonlyMap<string, number | null>) =>
    accepted(context, ofMinute, work)
  await write(minute, context.gpuWork())

  const timer = setInterval(() => {
    const current = startOfMinute(context.now())
    if (current === minute) {
      read(readings, context.gpuWork())
      return
    }
    const finished = meanWork(readings)
    const finishedMinute = minute
    minute = current
    readings = newReadings(context)
    void write(finishedMinute, finished).then(() => write(current, context.gpuWork()))
  }, readEveryMs)
  return { stop: () => clearInterval(timer) }
}

function startOfMinute(timeMs: number): number {
  return Math.floor(timeMs / minuteMs) * minuteMs
}

async function accepted(
  context: LedgerContext,
  minute: number,
  work: ReadonlyMap<string, number | null>,
): Promise<void> {
  const { project, fleet } = context
  try {
    await context.accept('ledger', ledgerForMinute({ project, fleet, minuteMs: minute, work }))
  } catch (error) {
    context.log.error({ reason: messageOf(error) }, 'A ledger minute was not written.')
  }
}

async function writeMissedMinutes(context: LedgerContext): Promise<void> {
  const last = await lastLedgerMinute(context.store, context.project)
  if (last === null) return
  const now = startOfMinute(context.now())
  const unknown = new Map(context.fleet.gpus.map((gpu) => [gpu.id, null]))
  const first = Math.max(last + minuteMs, now - longestGapMs)
  for (let minute = first; minute < now; minute += minuteMs) {
    await accepted(context, minute, unknown)
  }
}

type Readings = Map<string, number[]>

function newReadings(context: LedgerContext): Readings {
  return new Map(context.fleet.gpus.map((gpu) => [gpu.id, []]))
}

function read(readings: Readings, work: ReadonlyMap<string, number | null>): void {
  for (const [gpuId, values] of readings) {
    const share = work.get(gpuId) ?? null
    if (share !== null) values.push(share)
  }
}

function meanWork(readings: Readings): Map<string, number | null> {
  return new Map([...readings].map(([gpuId, values]) => [gpuId, mean(values)]))
}

function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
