// The bulkhead of one component: its own slots, queue and copies, so that one model's surge cannot reach another.
// Pure of clocks and sockets: the time is an argument, effects are the callbacks of whoever waits.

/** Something that a call can be sent to. */
export interface SegmentCopy {
  /** Same key, same copy: kept across reloads with its calls in flight. */
  readonly key: string
  readonly id: string
}

/** A slot on a copy, held by one call and given back exactly once. */
export interface Lease<Copy> {
  readonly copy: Copy
  /** Further calls do nothing. */
  release(nowMs: number): void
}

export interface SegmentRefusal {
  readonly reason: 'queue_full' | 'queue_timeout' | 'copies_away'
  /** How long until another try may succeed, in milliseconds. */
  readonly retryAfterMs: number
}

/** A call that asks for a slot: exactly one of the two is called, once, unless it leaves first. */
export interface SegmentClient<Copy> {
  granted(lease: Lease<Copy>, nowMs: number): void
  refused(refusal: SegmentRefusal, nowMs: number): void
}

export interface SegmentLimits<Copy> {
  readonly copies: readonly Copy[]
  /** Calls in flight on one copy. */
  readonly concurrency: number
  /** Calls that may wait. */
  readonly queue: number
}

export interface CopyState {
  readonly id: string
  readonly inFlight: number
  /** `false` while it is left alone after a failed connection. */
  readonly isHealthy: boolean
  /** No longer configured; finishes what it runs. */
  readonly isRetired: boolean
}

export interface SegmentState {
  readonly inFlight: number
  readonly queued: number
  readonly leases: number
  readonly copies: readonly CopyState[]
}

export interface Segment<Copy> {
  /** Grants a slot at once, queues, or refuses. */
  enter(client: SegmentClient<Copy>, nowMs: number, deadlineMs: number): void
  /** The same for a call whose copy failed to connect: it was admitted before, so it goes first. */
  reenter(client: SegmentClient<Copy>, nowMs: number, deadlineMs: number): void
  /** Stops waiting; does nothing for a client that no longer waits. */
  leave(client: SegmentClient<Copy>): void
  /** The copy could not be connected to: it is left alone for a while. */
  failed(copy: Copy, nowMs: number): void
  /** The copy took a connection. */
  succeeded(copy: Copy, nowMs: number): void
  /** Called often: refuses who waited too long and tries copies whose back-off has passed. */
  tick(nowMs: number): void
  /** New limits for calls to come; calls in flight keep their slots. */
  update(limits: SegmentLimits<Copy>, nowMs: number): void
  /** The component is no longer configured: who waits or runs still finishes, then its copies are retired. */
  close(nowMs: number): void
  /** Copies that it has now, retired ones that still run something too. */
  copies(): readonly Copy[]
  state(nowMs: number): SegmentState
}

interface Slots<Copy> {
  readonly copy: Copy
  inFlight: number
  /** Failed connections in a row. */
  failures: number
  /** Left alone until then; after that one call at a time tries, until one connects. */
  ejectedUntilMs: number
  isRetired: boolean
}

interface Core<Copy> {
  limits: SegmentLimits<Copy>
  /** By key, retired ones too while they run something. */
  readonly slots: Map<string, Slots<Copy>>
  /** Those that may be chosen. */
  live: readonly Slots<Copy>[]
  /** Who waits, in order of arrival, and until when. */
  readonly waiting: Map<SegmentClient<Copy>, number>
  readonly leases: Set<Lease<Copy>>
  /** Mean time that a slot is held, an exponential average over about ten calls. */
  holdMs: number
  /** Breaks ties between equally busy copies. */
  turn: number
  isClosing: boolean
  readonly onRetired: (copy: Copy) => void
}

const firstBackoffMs = 1_000
const longestBackoffMs = 30_000

/** @param onRetired called once for each copy that is no longer configured and runs nothing */
export function createSegment<Copy extends SegmentCopy>(
  limits: SegmentLimits<Copy>,
  onRetired: (copy: Copy) => void = () => {},
): Segment<Copy> {
  const core: Core<Copy> = {
    limits,
    slots: new Map(),
    live: [],
    waiting: new Map(),
    leases: new Set(),
    holdMs: 1_000,
    turn: 0,
    isClosing: false,
    onRetired,
  }
  update(core, limits, 0)
  return {
    enter: (client, nowMs, deadlineMs) => enter(core, client, { nowMs, deadlineMs }),
    reenter: (client, nowMs, deadlineMs) => reenter(core, client, { nowMs, deadlineMs }),
    leave: (client) => leave(core, client),
    failed: (copy, nowMs) => failed(core, copy, nowMs),
    succeeded: (copy, nowMs) => succeeded(core, copy, nowMs),
    tick: (nowMs) => tick(core, nowMs),
    update: (next, nowMs) => update(core, next, nowMs),
    close: (nowMs) => close(core, nowMs),
    copies: () => [...core.slots.values()].map((entry) => entry.copy),
    state: (nowMs) => stateOf(core, nowMs),
  }
}

function enter<Copy>(
  core: Core<Copy>,
  client: SegmentClient<Copy>,
  { nowMs, deadlineMs }: { nowMs: number; deadlineMs: number },
): void {
  if (areAllAway(core, nowMs)) {
    refuse(core, client, 'copies_away', nowMs)
    return
  }
  const entry = core.waiting.size === 0 ? freest(core, nowMs) : undefined
  if (entry !== undefined) grant(core, client, entry, nowMs)
  else if (core.waiting.size < core.limits.queue) core.waiting.set(client, deadlineMs)
  else refuse(core, client, 'queue_full', nowMs)
}

function reenter<Copy>(
  core: Core<Copy>,
  client: SegmentClient<Copy>,
  { nowMs, deadlineMs }: { nowMs: number; deadlineMs: number },
): void {
  const others = [...core.waiting]
  core.waiting.clear()
  core.waiting.set(client, deadlineMs)
  for (const [other, deadline] of others) core.waiting.set(other, deadline)
  pump(core, nowMs)
}

function leave<Copy>(core: Core<Copy>, client: SegmentClient<Copy>): void {
  core.waiting.delete(client)
  retireIdle(core)
}

function failed<Copy extends SegmentCopy>(core: Core<Copy>, copy: Copy, nowMs: number): void {
  const entry = core.slots.get(copy.key)
  // Calls that were under way when it was ejected say nothing new.
  if (entry === undefined || nowMs < entry.ejectedUntilMs) return
  entry.ejectedUntilMs = nowMs + Math.min(longestBackoffMs, firstBackoffMs * 2 ** entry.failures)
  entry.failures += 1
  pump(core, nowMs)
}

function succeeded<Copy extends SegmentCopy>(core: Core<Copy>, copy: Copy, nowMs: number): void {
  const entry = core.slots.get(copy.key)
  if (entry === undefined || entry.failures === 0) return
  entry.failures = 0
  entry.ejectedUntilMs = 0
  pump(core, nowMs)
}

function tick<Copy>(core: Core<Copy>, nowMs: number): void {
  for (const [client, deadlineMs] of core.waiting) {
    if (nowMs >= deadlineMs) refuse(core, client, 'queue_timeout', nowMs)
  }
  pump(core, nowMs)
}

function update<Copy extends SegmentCopy>(
  core: Core<Copy>,
  limits: SegmentLimits<Copy>,
  nowMs: number,
): void {
  core.limits = limits
  const keys = new Set(limits.copies.map((copy) => copy.key))
  for (const entry of core.slots.values()) entry.isRetired = !keys.has(entry.copy.key)
  for (const copy of limits.copies) {
    if (core.slots.has(copy.key)) continue
    const fresh = { copy, inFlight: 0, failures: 0, ejectedUntilMs: 0, isRetired: false }
    core.slots.set(copy.key, fresh)
  }
  core.live = [...core.slots.values()].filter((entry) => !entry.isRetired)
  retireIdle(core)
  pump(core, nowMs)
}

function close<Copy>(core: Core<Copy>, nowMs: number): void {
  core.isClosing = true
  pump(core, nowMs)
}

function stateOf<Copy extends SegmentCopy>(core: Core<Copy>, nowMs: number): SegmentState {
  const copies = [...core.slots.values()].map((entry) => ({
    id: entry.copy.id,
    inFlight: entry.inFlight,
    isHealthy: nowMs >= entry.ejectedUntilMs,
    isRetired: entry.isRetired,
  }))
  const inFlight = copies.reduce((sum, copy) => sum + copy.inFlight, 0)
  return { inFlight, queued: core.waiting.size, leases: core.leases.size, copies }
}

/** Late binding: who waits longest gets the freest copy of this moment. */
function pump<Copy>(core: Core<Copy>, nowMs: number): void {
  for (const client of core.waiting.keys()) {
    if (areAllAway(core, nowMs)) {
      refuse(core, client, 'copies_away', nowMs)
      continue
    }
    const entry = freest(core, nowMs)
    if (entry === undefined) break
    core.waiting.delete(client)
    grant(core, client, entry, nowMs)
  }
  retireIdle(core)
}

function grant<Copy>(
  core: Core<Copy>,
  client: SegmentClient<Copy>,
  entry: Slots<Copy>,
  nowMs: number,
): void {
  entry.inFlight += 1
  const lease: Lease<Copy> = {
    copy: entry.copy,
    release: (releasedMs) => {
      if (!core.leases.delete(lease)) return
      entry.inFlight -= 1
      core.holdMs += (releasedMs - nowMs - core.holdMs) / 10
      pump(core, releasedMs)
    },
  }
  core.leases.add(lease)
  client.granted(lease, nowMs)
}

function refuse<Copy>(
  core: Core<Copy>,
  client: SegmentClient<Copy>,
  reason: SegmentRefusal['reason'],
  nowMs: number,
): void {
  core.waiting.delete(client)
  const retryAfterMs = reason === 'copies_away' ? untilReturn(core, nowMs) : untilSlot(core)
  client.refused({ reason, retryAfterMs }, nowMs)
}

/** Least outstanding calls; among equals each in turn. */
function freest<Copy>(core: Core<Copy>, nowMs: number): Slots<Copy> | undefined {
  let best: Slots<Copy> | undefined
  core.turn += 1
  for (let offset = 0; offset < core.live.length; offset += 1) {
    const entry = core.live[(core.turn + offset) % core.live.length]
    if (entry === undefined || entry.inFlight >= capacity(core, entry, nowMs)) continue
    if (best === undefined || entry.inFlight < best.inFlight) best = entry
  }
  return best
}

function capacity<Copy>(core: Core<Copy>, entry: Slots<Copy>, nowMs: number): number {
  if (nowMs < entry.ejectedUntilMs) return 0
  return entry.failures > 0 ? 1 : core.limits.concurrency
}

function areAllAway<Copy>(core: Core<Copy>, nowMs: number): boolean {
  return core.live.every((entry) => nowMs < entry.ejectedUntilMs)
}

function untilReturn<Copy>(core: Core<Copy>, nowMs: number): number {
  const waitsMs = core.live.map((entry) => entry.ejectedUntilMs - nowMs)
  return Math.max(100, Math.min(longestBackoffMs, ...waitsMs))
}

/** Time for the queue to drain at the present rate. */
function untilSlot<Copy>(core: Core<Copy>): number {
  const slotCount = Math.max(1, core.live.length * core.limits.concurrency)
  const estimateMs = ((core.waiting.size + 1) * Math.max(0, core.holdMs)) / slotCount
  return Math.min(30_000, Math.max(250, estimateMs))
}

function retireIdle<Copy>(core: Core<Copy>): void {
  const isOver = core.isClosing && core.waiting.size === 0
  if (!isOver && core.slots.size === core.live.length) return
  for (const [key, entry] of core.slots) {
    if (entry.inFlight > 0 || !(isOver || entry.isRetired)) continue
    core.slots.delete(key)
    core.live = core.live.filter((other) => other !== entry)
    core.onRetired(entry.copy)
  }
}
