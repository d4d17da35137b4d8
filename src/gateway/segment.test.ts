import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Lease, SegmentRefusal } from './segment.ts'
import { createSegment } from './segment.ts'

interface Copy {
  readonly key: string
  readonly id: string
}

const copiesOf = (...ids: readonly string[]): Copy[] => ids.map((id) => ({ key: id, id }))

/** Records what happens to it. */
class Caller {
  readonly leases: Lease<Copy>[] = []
  readonly refusals: SegmentRefusal[] = []
  left = false

  granted(lease: Lease<Copy>): void {
    this.leases.push(lease)
  }

  refused(refusal: SegmentRefusal): void {
    this.refusals.push(refusal)
  }

  get answers(): number {
    return this.leases.length + this.refusals.length
  }
}

function enterAll(segment: ReturnType<typeof createSegment<Copy>>, count: number): Caller[] {
  return Array.from({ length: count }, () => {
    const caller = new Caller()
    segment.enter(caller, 0, 1_000)
    return caller
  })
}

describe('segment', () => {
  test('grants slots, then queues, then refuses with a retry time', () => {
    const segment = createSegment({ copies: copiesOf('a', 'b'), concurrency: 2, queue: 3 })
    const callers = enterAll(segment, 8)
    expect(callers.map((caller) => caller.leases.length)).toEqual([1, 1, 1, 1, 0, 0, 0, 0])
    expect(callers[7]?.refusals).toEqual([{ reason: 'queue_full', retryAfterMs: 1_000 }])
    expect(segment.state(0)).toMatchObject({ inFlight: 4, queued: 3, leases: 4 })
  })

  test('spreads over the least busy copies', () => {
    const segment = createSegment({ copies: copiesOf('a', 'b', 'c'), concurrency: 9, queue: 0 })
    enterAll(segment, 9)
    expect(segment.state(0).copies.map((copy) => copy.inFlight)).toEqual([3, 3, 3])
  })

  test('a released slot goes to who waits longest, and once', () => {
    const segment = createSegment({ copies: copiesOf('a'), concurrency: 1, queue: 9 })
    const [first, second, third] = enterAll(segment, 3)
    first?.leases[0]?.release(5)
    first?.leases[0]?.release(5)
    expect([second?.leases.length, third?.leases.length]).toEqual([1, 0])
    expect(segment.state(5)).toMatchObject({ inFlight: 1, queued: 1, leases: 1 })
  })

  test('who waits past the deadline is refused', () => {
    const segment = createSegment({ copies: copiesOf('a'), concurrency: 1, queue: 9 })
    const waiting = enterAll(segment, 2)[1]
    segment.tick(999)
    expect(waiting?.answers).toBe(0)
    segment.tick(1_000)
    expect(waiting?.refusals[0]?.reason).toBe('queue_timeout')
  })

  test('a copy that cannot be connected to is left alone, then tried by one call, then trusted', () => {
    const copies = copiesOf('a', 'b')
    const [a] = copies
    if (a === undefined) throw new Error('no copy')
    const segment = createSegment({ copies, concurrency: 4, queue: 9 })
    segment.failed(a, 0)
    enterAll(segment, 3)
    expect(segment.state(0).copies.map((copy) => copy.inFlight)).toEqual([0, 3])
    expect(segment.state(0).copies.map((copy) => copy.isHealthy)).toEqual([false, true])
    const later = Array.from({ length: 3 }, () => new Caller())
    for (const caller of later) segment.enter(caller, 1_000, 9_000)
    expect(segment.state(1_000).copies.map((copy) => copy.inFlight)).toEqual([1, 4])
    segment.succeeded(a, 1_001)
    expect(segment.state(1_001)).toMatchObject({ inFlight: 6, queued: 0 })
  })

  test('when every copy is away, callers and waiting ones are refused with the time of the next try', () => {
    const copies = copiesOf('a')
    const segment = createSegment({ copies, concurrency: 1, queue: 9 })
    const waiting = enterAll(segment, 2)[1]
    for (const copy of copies) segment.failed(copy, 10)
    expect(waiting?.refusals).toEqual([{ reason: 'copies_away', retryAfterMs: 1_000 }])
    const next = new Caller()
    segment.enter(next, 510, 9_000)
    expect(next.refusals).toEqual([{ reason: 'copies_away', retryAfterMs: 500 }])
  })

  test('back-off doubles with each failure in a row, not with each call of one failure', () => {
    const copies = copiesOf('a')
    const [a] = copies
    if (a === undefined) throw new Error('no copy')
    const segment = createSegment({ copies, concurrency: 4, queue: 0 })
    for (const at of [0, 1, 2]) segment.failed(a, at)
    expect(segment.state(1_000).copies[0]?.isHealthy).toBe(true)
    segment.failed(a, 1_000)
    expect(segment.state(2_999).copies[0]?.isHealthy).toBe(false)
    expect(segment.state(3_000).copies[0]?.isHealthy).toBe(true)
  })

  test('a copy that is no longer configured finishes what it runs and is retired once', () => {
    const retired: string[] = []
    const segment = createSegment(
      { copies: copiesOf('a'), concurrency: 1, queue: 9 },
      (copy: Copy) => retired.push(copy.id),
    )
    const [running, waiting] = enterAll(segment, 2)
    segment.update({ copies: copiesOf('b'), concurrency: 1, queue: 9 }, 0)
    expect(waiting?.leases[0]?.copy.id).toBe('b')
    expect(retired).toEqual([])
    running?.leases[0]?.release(1)
    expect(retired).toEqual(['a'])
  })

  test('a closed segment serves who waits and retires its copies after that', () => {
    const retired: string[] = []
    const segment = createSegment(
      { copies: copiesOf('a'), concurrency: 1, queue: 9 },
      (copy: Copy) => retired.push(copy.id),
    )
    const [running, waiting] = enterAll(segment, 2)
    segment.close(0)
    running?.leases[0]?.release(1)
    expect(retired).toEqual([])
    waiting?.leases[0]?.release(2)
    expect(retired).toEqual(['a'])
  })
})

/** A segment under random events, with what must hold for it. */
class World {
  nowMs = 0
  copies = copiesOf('a', 'b')
  widest = 2
  readonly callers: Caller[] = []
  readonly queue: number
  readonly segment: ReturnType<typeof createSegment<Copy>>

  constructor(queue: number) {
    this.queue = queue
    this.segment = createSegment({ copies: this.copies, concurrency: this.widest, queue })
  }

  get waiting(): Caller[] {
    return this.callers.filter((caller) => caller.answers === 0 && !caller.left)
  }

  get held(): Caller[] {
    return this.callers.filter((caller) => caller.leases.length > 0)
  }

  enter(patienceMs: number): void {
    const caller = new Caller()
    this.callers.push(caller)
    this.segment.enter(caller, this.nowMs, this.nowMs + patienceMs)
  }

  leave(which: number): void {
    const caller = pick(this.waiting, which)
    if (caller === undefined) return
    caller.left = true
    this.segment.leave(caller)
  }

  release(which: number): void {
    pick(this.held, which)?.leases[0]?.release(this.nowMs)
  }

  judge(kind: 'failed' | 'succeeded', which: number): void {
    const copy = pick(this.copies, which)
    if (copy !== undefined) this.segment[kind](copy, this.nowMs)
  }

  pass(ms: number): void {
    this.nowMs += ms
    this.segment.tick(this.nowMs)
  }

  update(ids: readonly string[], concurrency: number): void {
    this.copies = copiesOf(...ids)
    this.widest = Math.max(this.widest, concurrency)
    this.segment.update({ copies: this.copies, concurrency, queue: this.queue }, this.nowMs)
  }

  check(): void {
    const state = this.segment.state(this.nowMs)
    expect(state.inFlight).toBe(state.leases)
    expect(state.queued).toBeLessThanOrEqual(this.queue)
    expect(state.queued).toBe(this.waiting.length)
    for (const copy of state.copies) expect(copy.inFlight).toBeLessThanOrEqual(this.widest)
    for (const caller of this.callers)
      expect(caller.answers).toBeLessThanOrEqual(caller.left ? 0 : 1)
    this.checkNobodyWaitsInVain()
  }

  /** Work is never left waiting beside an idle copy in good health. */
  checkNobodyWaitsInVain(): void {
    this.segment.tick(this.nowMs)
    const { copies, queued } = this.segment.state(this.nowMs)
    const idle = copies.filter((copy) => copy.isHealthy && !copy.isRetired && copy.inFlight === 0)
    if (queued > 0) expect(idle).toEqual([])
  }
}

function pick<Item>(items: readonly Item[], which: number): Item | undefined {
  return items[which % items.length]
}

type Step = (world: World) => void

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.nat(3_000).map((ms) => (world: World) => world.enter(ms)) },
  { weight: 2, arbitrary: fc.nat().map((which) => (world: World) => world.leave(which)) },
  { weight: 4, arbitrary: fc.nat().map((which) => (world: World) => world.release(which)) },
  { weight: 2, arbitrary: fc.nat().map((which) => (world: World) => world.judge('failed', which)) },
  {
    weight: 1,
    arbitrary: fc.nat().map((which) => (world: World) => world.judge('succeeded', which)),
  },
  { weight: 2, arbitrary: fc.nat(2_000).map((ms) => (world: World) => world.pass(ms)) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }),
        fc.integer({ min: 1, max: 4 }),
      )
      .map(
        ([ids, concurrency]) =>
          (world: World) =>
            world.update(ids, concurrency),
      ),
  },
)

test('any course of events keeps the segment’s promises', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.nat(5), (steps, queue) => {
      const world = new World(queue)
      for (const apply of steps) {
        apply(world)
        world.check()
      }
      while (world.waiting.length > 0) {
        world.pass(100_000)
        for (const caller of world.held) caller.leases[0]?.release(world.nowMs)
      }
      for (const caller of world.held) caller.leases[0]?.release(world.nowMs)
      expect(world.segment.state(world.nowMs)).toMatchObject({ inFlight: 0, leases: 0, queued: 0 })
    }),
    { numRuns: 300 },
  )
})
