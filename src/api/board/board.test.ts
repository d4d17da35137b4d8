import { afterAll, beforeAll, expect, test } from 'vitest'
import { usdPerGoodAnswer } from '../../analysis/unit-cost.ts'
import { wilson } from '../../stats/interval.ts'
import type { BoardWindow } from '../../store/queries/board-window.ts'
import type { Board, BoardModel } from '../contract.ts'
import { testContext } from '../test-context.ts'
import { openTestStore, type TestStore } from '../test-store.ts'
import { insertGoldenRecords, startMs } from './golden-records.ts'
import { loadBoard } from './load-board.ts'

const minute = 60_000
const rollup: BoardWindow = {
  project: 'p',
  fromMs: startMs,
  toMs: startMs + 4 * minute,
  stepMs: minute,
  source: 'rollup',
  models: [],
}
const raw: BoardWindow = { ...rollup, stepMs: 10_000, source: 'raw' }

let store: TestStore
let minutes: Board
let steps: Board

beforeAll(async () => {
  store = await openTestStore()
  await insertGoldenRecords(store)
  const context = testContext({ store })
  minutes = await loadBoard(context, rollup)
  steps = await loadBoard(context, raw)
})

afterAll(async () => {
  await store.close()
})

const model = (board: Board, name: string): BoardModel => {
  const found = board.models.find((one) => one.model === name)
  if (found === undefined) throw new Error(`no model ${name}`)
  return found
}

/** Sketches answer within 3 %. */
const about = (value: number) => ({
  asymmetricMatch: (other: unknown) =>
    typeof other === 'number' && Math.abs(other / value - 1) < 0.031,
})

test('the axis', () => {
  expect(minutes.timesMs).toEqual([0, 1, 2, 3].map((at) => startMs + at * minute))
  expect(steps.timesMs).toHaveLength(24)
  expect([minutes.project, minutes.fromMs, minutes.toMs, minutes.stepMs]).toEqual([
    'p',
    startMs,
    startMs + 4 * minute,
    minute,
  ])
  expect(minutes.models.map((one) => [one.model, one.component, one.copies, one.gpus])).toEqual([
    ['a', 'a', 1, 2],
    ['b', 'b', 1, 1],
  ])
})

test('cost by the minute: 6 $/h = 3 + 1.5 + 1.5 idle, and nothing where the ledger says nothing', () => {
  expect(minutes.fleet.usdPerHour).toEqual([6, 6, null, 6].map(close))
  expect(minutes.fleet.idleUsdPerHour).toEqual([1.5, 1.5, null, 1.5].map(close))
  expect(minutes.fleet.sharedUsdPerHour).toEqual([0, 0, null, 0])
  expect(minutes.fleet.totalCostUsd).toBeCloseTo(0.3, 12)
  expect(minutes.fleet.idleCostUsd).toBeCloseTo(0.075, 12)
  // Minute 3 was written twice: the later line counts, the former does not.
  expect(model(minutes, 'a').cost.usdPerHour).toEqual([3, 3, null, 3].map(close))
  expect(model(minutes, 'a').cost.idleUsdPerHour).toEqual([0.6, 0.6, null, 3].map(close))
  expect(model(minutes, 'b').cost.idleUsdPerHour).toEqual([null, null, null, null])
})

test('cost on ten-second steps is that of their minute', () => {
  const own = model(steps, 'a')
  expect(own.cost.usdPerHour.slice(0, 12)).toEqual(Array(12).fill(close(3)))
  expect(own.cost.usdPerHour.slice(12, 18)).toEqual(Array(6).fill(null))
  expect(own.summary.costUsd).toBeCloseTo(0.15, 12)
  expect(own.summary.idleCostUsd).toBeCloseTo(0.07, 12)
  expect(own.summary.usdPerHour).toBeCloseTo(3, 12)
})

test('traffic: nothing seen is null, a seen step without calls is zero', () => {
  const { traffic } = model(minutes, 'a')
  expect(traffic.callsPerSecond).toEqual([6 / 60, 2 / 60, 0, 1 / 60].map(close))
  expect(traffic.errorsPerSecond).toEqual([1 / 60, 0, 0, 0].map(close))
  expect(traffic.rejectedPerSecond).toEqual([1 / 60, 0, 0, 0].map(close))
  expect(traffic.promptTokensPerSecond).toEqual([400 / 60, 200 / 60, 0, 0].map(close))
  expect(traffic.completionTokensPerSecond).toEqual([200 / 60, 100 / 60, 0, 0].map(close))
  const fine = model(steps, 'a').traffic.callsPerSecond
  expect(fine.slice(0, 9)).toEqual([0, 0.6, null, null, null, null, 0, 0.2, null])
})

test('latency in seconds', () => {
  const { latency, summary } = model(minutes, 'a')
  expect(latency.ttftP50).toEqual([about(0.1), about(0.4), null, null])
  expect(latency.ttftP95).toEqual([about(0.1), about(0.4), null, null])
  expect(latency.tpotP50).toEqual([about(0.02), about(0.02), null, null])
  expect(latency.totalP95).toEqual([about(1), about(1), null, about(1)])
  expect(latency.queueP95).toEqual([about(0.01), about(0.01), null, about(0.01)])
  expect([summary.ttftP50, summary.ttftP95]).toEqual([about(0.1), about(0.4)])
  expect(model(steps, 'a').latency.ttftP50.slice(0, 8)).toEqual([
    null,
    about(0.1),
    null,
    null,
    null,
    null,
    null,
    about(0.4),
  ])
})

test('serving: cache is averaged over copies, requests add up', () => {
  const { serving } = model(minutes, 'a')
  expect(serving.kvCacheUsage).toEqual([close(0.3), null, null, null])
  expect(serving.requestsRunning).toEqual([7, null, null, null])
  expect(serving.requestsWaiting).toEqual([1, null, null, null])
  expect(model(minutes, 'b').serving.requestsRunning).toEqual([null, null, null, null])
})

test('GPUs: active, idle, unreserved, and unknown stays unknown', () => {
  expect(minutes.fleet.gpusTotal).toEqual([4, 4, 4, 4])
  expect(minutes.fleet.gpusActive).toEqual([1, 0, 1, null])
  // 5 % exactly is not work; GPU 2 has no reading and counts nowhere.
  expect(minutes.fleet.gpusIdle).toEqual([1, 1, 0, null])
  expect(minutes.fleet.gpusUnreserved).toEqual([1, 1, 1, 1])
  const [first, second, third] = minutes.gpus
  expect(first?.duty).toEqual([close(0.4), 0, null, null])
  expect(first?.memoryUsage).toEqual([0.25, null, null, null])
  expect(first?.temperatureCelsius).toEqual([60, null, null, null])
  expect(second?.duty).toEqual([0.05, null, 0.5, null])
  expect(third?.duty).toEqual([null, null, null, null])
  expect([first?.model, first?.copy, minutes.gpus[3]?.model]).toEqual(['a', 'a-1', null])
  // Mean over the model's readings: 0.4, 0, 0.05, 0.5.
  expect(model(minutes, 'a').summary.gpuDuty).toBeCloseTo(0.2375, 12)
  expect(model(minutes, 'a').summary.gpuMemoryUsage).toBe(0.25)
})

test('a reading holds until it is stale, and not past the moment its source was found absent', () => {
  // staleAfter is 30 s: read at 5 and 15 s, so steps 0 to 3; read at 65 s, found absent at 75 s.
  expect(steps.gpus[0]?.duty.slice(0, 9)).toEqual([
    close(0.2),
    close(0.6),
    close(0.6),
    close(0.6),
    null,
    null,
    0,
    null,
    null,
  ])
})

test('quality with interval: an answer that two evaluators scored is one answer', () => {
  const { quality, summary } = model(minutes, 'a')
  // Judge 3 of 4, detector 4 of 4: mean 7/8 of four answers, weights equal.
  const bounds = wilson(3.5, 4)
  expect(summary.quality['safety']).toEqual({
    value: close(0.875),
    lower: close(bounds.lower),
    upper: close(bounds.upper),
    n: 4,
  })
  expect(quality['safety']?.value).toEqual([close(0.875), null, null, null])
  expect(quality['safety']?.lower).toEqual([close(bounds.lower), null, null, null])
  expect(quality['safety']?.n).toEqual([4, 0, 0, 0])
  expect(quality['relevance']?.value).toEqual([0.5, null, null, null])
  expect(quality['relevance']?.n).toEqual([1, 0, 0, 0])
  expect(model(steps, 'a').quality['safety']?.n.slice(0, 3)).toEqual([0, 4, 0])
  expect(model(steps, 'a').summary.quality).toEqual(summary.quality)
})

test('evaluation: skipped evaluations took no time and count in no latency', () => {
  const { evaluation, summary } = model(minutes, 'a')
  expect(evaluation.scoredPerMinute).toEqual([9, 0, 0, 0])
  expect(evaluation.failedPerMinute).toEqual([1, 0, 0, 0])
  expect(evaluation.latencyP50).toEqual([about(0.5), null, null, null])
  expect(evaluation.latencyP95).toEqual([about(0.5), null, null, null])
  expect(evaluation.lagP95).toEqual([about(4), null, null, null])
  expect(summary.evaluationLatencyP95).toEqual(about(0.5))
  // Composites are no evaluator's work.
  expect(model(minutes, 'b').evaluation.scoredPerMinute).toEqual([0, 0, 0, 0])
  expect(model(steps, 'a').evaluation.scoredPerMinute[1]).toBe(54)
})

test('summary and unit costs over the minutes that the ledger knows', () => {
  const a = model(minutes, 'a').summary
  expect([a.calls, a.errors, a.rejected, a.sampledCalls, a.scoredCalls]).toEqual([9, 1, 1, 4, 4])
  expect(a.costUsd).toBeCloseTo(0.15, 12)
  expect(a.usdPerThousandCalls).toBeCloseTo((1_000 * 0.15) / 9, 9)
  // Completion tokens: 6 answers of 50.
  expect(a.usdPerMillionTokens).toBeCloseTo(0.15 / 300e-6, 6)
  expect(a.usdPerGoodAnswer).toBeNull()
  const b = model(minutes, 'b').summary
  // 9 of 12 answers were good and in time: 0.075 $ / 9.
  expect(b.usdPerGoodAnswer?.value).toBeCloseTo(0.075 / 9, 12)
  const share = { value: 0.75, ...wilson(9, 12), n: 12 }
  expect(b.usdPerGoodAnswer).toEqual(mapped(usdPerGoodAnswer(0.075, 12, share)))
})

test('events of the window, of this project, oldest first', () => {
  expect(minutes.events.map((event) => [event.eventId, event.timeMs, event.model])).toEqual([
    ['e1', startMs + 61_000, 'a'],
    ['e2', startMs + 62_000, ''],
  ])
})

test('only the models asked for, with their own events and those of the fleet', async () => {
  const board = await loadBoard(testContext({ store }), { ...rollup, models: ['b'] })
  expect(board.models.map((one) => one.model)).toEqual(['b'])
  expect(board.events.map((event) => event.eventId)).toEqual(['e2'])
  expect(board.fleet.totalCostUsd).toBeCloseTo(0.3, 12)
})

test('an empty store gives nulls and no zero that nobody measured', async () => {
  const early = { ...rollup, fromMs: startMs - 10 * minute, toMs: startMs - 8 * minute }
  const board = await loadBoard(testContext({ store }), early)
  const a = model(board, 'a')
  expect(board.fleet.usdPerHour).toEqual([null, null])
  expect(a.traffic.callsPerSecond).toEqual([null, null])
  expect(a.evaluation.scoredPerMinute).toEqual([null, null])
  expect(a.quality).toEqual({})
  expect(a.summary.costUsd).toBeNull()
  expect(a.summary.usdPerThousandCalls).toBeNull()
  expect(a.summary.calls).toBe(0)
})

function close(value: number | null): unknown {
  if (value === null) return null
  return {
    asymmetricMatch: (other: unknown) =>
      typeof other === 'number' && Math.abs(other - value) < 1e-9,
  }
}

function mapped(interval: object | null): unknown {
  return Object.fromEntries(
    Object.entries(interval ?? {}).map(([key, value]) => [key, close(value)]),
  )
}
