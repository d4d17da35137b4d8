import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createEngine, engineDefaults, type EngineObserver, type EngineOptions } from './engine.ts'
import type { Sequence, SequenceInput } from './scheduler.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

interface Seen {
  readonly tokenTimesMs: number[]
  readonly finished: { sequence: Sequence; reason: string; timeMs: number }[]
  prompts: number
  preempted: number
}

function start(changes: Partial<EngineOptions> = {}) {
  const seen: Seen = { tokenTimesMs: [], finished: [], prompts: 0, preempted: 0 }
  const observer: EngineObserver = {
    onStep: (step) => {
      seen.preempted += step.preempted
    },
    onPrompt: () => {
      seen.prompts += 1
    },
    onToken: (_, timeMs) => {
      seen.tokenTimesMs.push(timeMs)
    },
    onFinish: (sequence, reason, timeMs) => {
      seen.finished.push({ sequence, reason, timeMs })
    },
  }
  return { engine: createEngine({ ...engineDefaults, ...changes }, observer), seen }
}

function input(promptTokens: number, outputTokens: number): SequenceInput {
  return {
    promptTokens,
    outputTokens,
    maxTokens: outputTokens,
    prefixKeys: [],
    finishReason: 'stop',
    onToken: () => {},
    onFinish: () => {},
  }
}

test('one sequence takes the time of the law: prefill, then a step a token', () => {
  const { engine, seen } = start({ speed: 2 })
  const startMs = performance.now()
  engine.submit(input(1_000, 3))
  vi.advanceTimersByTime(1_000)
  const prefillMs = (30 + 0.304 + 0.0909 * 1_000) / 2
  const decodeMs = (30 + 0.304) / 2
  const expected = [prefillMs, prefillMs + decodeMs, prefillMs + 2 * decodeMs]
  expect(seen.tokenTimesMs.map((time) => time - startMs)).toEqual(
    expected.map((time) => expect.closeTo(time, 3)),
  )
  expect(seen.finished.map(({ reason }) => reason)).toEqual(['stop'])
  expect(engine.state()).toMatchObject({ running: 0, waiting: 0, kvCacheUsage: 0 })
  expect(vi.getTimerCount()).toBe(0)
})

test('a newcomer waits for the step under way and then shares the batch', () => {
  const { engine, seen } = start()
  engine.submit(input(10, 50))
  vi.advanceTimersByTime(40)
  engine.submit(input(10, 1))
  expect(engine.state()).toMatchObject({ running: 1, waiting: 1 })
  vi.advanceTimersByTime(200)
  expect(seen.finished).toHaveLength(1)
  expect(engine.state().running).toBe(1)
})

test('an aborted sequence gives its place and blocks back at once and emits no more', () => {
  const { engine, seen } = start()
  const abort = engine.submit(input(100, 1_000))
  vi.advanceTimersByTime(500)
  const emitted = seen.tokenTimesMs.length
  expect(emitted).toBeGreaterThan(5)
  abort()
  abort()
  expect(engine.state()).toMatchObject({ running: 0, kvCacheUsage: 0 })
  vi.advanceTimersByTime(500)
  expect(seen.tokenTimesMs).toHaveLength(emitted)
  expect(seen.finished.map(({ reason }) => reason)).toEqual(['abort'])
})

test('a cache too small for all preempts, and each prompt and token still counts once', () => {
  const { engine, seen } = start({ kvCapacityTokens: 160, speed: 1_000 })
  for (let index = 0; index < 4; index += 1) engine.submit(input(30, 60))
  vi.advanceTimersByTime(5_000)
  expect(seen.preempted).toBeGreaterThan(0)
  expect(seen.prompts).toBe(4)
  expect(seen.tokenTimesMs).toHaveLength(240)
})

test('nothing to generate ends after the prefill without a token', () => {
  const { engine, seen } = start()
  engine.submit(input(100, 0))
  vi.advanceTimersByTime(100)
  expect(seen.finished.map(({ reason }) => reason)).toEqual(['stop'])
  expect(seen.tokenTimesMs).toEqual([])
})

test('what can never fit is refused with the numbers', () => {
  const { engine } = start({ kvCapacityTokens: 160 })
  expect(() => engine.submit(input(100, 61))).toThrow(/needs 161 tokens .* cache holds 160/)
})

test('busy share is that of the law, and idle time counts', () => {
  const { engine } = start()
  vi.advanceTimersByTime(10_000)
  engine.submit(input(10, 33))
  vi.advanceTimersByTime(2_000)
  const { busy, prefill, decode } = engine.busyShare(2_000)
  expect(busy).toBeGreaterThan(0.4)
  expect(busy).toBeLessThan(0.6)
  expect(prefill + decode).toBeCloseTo(busy)
  expect(decode).toBeGreaterThan(prefill)
})

test('closing leaves no timer', () => {
  const { engine } = start()
  engine.submit(input(10, 1_000))
  vi.advanceTimersByTime(100)
  engine.close()
  expect(vi.getTimerCount()).toBe(0)
})
