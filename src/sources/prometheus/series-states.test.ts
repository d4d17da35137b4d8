import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MetricKind, Series } from '../../records/sample.ts'
import {
  afterFailure,
  afterScrape,
  type PlacedReading,
  type SeriesStates,
} from './series-states.ts'

const staleAfterMs = 30_000
const nothing: SeriesStates = new Map()

const seriesOf = (metric: string, kind: MetricKind = 'gauge'): Series => ({
  project: 'default',
  namespace: '/x',
  metric,
  dimensions: {},
  unit: '1',
  kind,
})

const reading = (
  metric: string,
  value: number,
  rest: Partial<PlacedReading> = {},
): PlacedReading => ({
  key: metric,
  series: seriesOf(metric),
  value,
  state: 'present',
  timestampMs: null,
  ...rest,
})

const scrape = (
  before: SeriesStates,
  atMs: number,
  readings: readonly PlacedReading[],
  absent: readonly string[] = [],
) => {
  const missing = new Map(absent.map((metric) => [`${metric} absent`, seriesOf(metric)]))
  return afterScrape(before, { readings, absent: missing, atMs, staleAfterMs })
}

const said = ({ samples }: { samples: ReturnType<typeof scrape>['samples'] }) =>
  samples.map(({ series, state, timeMs, value }) => `${timeMs} ${series.metric} ${state} ${value}`)

test('present and sentinel readings are said each time, absent ones once', () => {
  const readings = [reading('a', 1), reading('b', NaN, { state: 'sentinel' })]
  const first = scrape(nothing, 1_000, readings, ['c'])
  expect(said(first)).toEqual(['1000 a present 1', '1000 b sentinel NaN', '1000 c absent NaN'])
  const second = scrape(first.states, 2_000, readings, ['c'])
  expect(said(second)).toEqual(['2000 a present 1', '2000 b sentinel NaN'])
})

test('a metric that comes, goes and comes again is absent once each time', () => {
  const first = scrape(nothing, 1_000, [], ['a'])
  const second = scrape(first.states, 2_000, [reading('a', 5)])
  const third = scrape(second.states, 3_000, [], ['a'])
  expect(said(second)).toEqual(['2000 a present 5'])
  expect(said(third)).toEqual(['3000 a absent NaN', '3000 a stale NaN'])
  expect(said(scrape(third.states, 4_000, [], ['a']))).toEqual([])
})

test('a scrape that failed makes readings stale at once and says so once; what is absent stays absent', () => {
  const { states } = scrape(nothing, 0, [reading('a', 1)], ['b'])
  const failed = afterFailure(states, 10_000)
  expect(said(failed)).toEqual(['10000 a stale NaN'])
  expect(said(afterFailure(failed.states, 20_000))).toEqual([])
  const back = scrape(failed.states, 95_000, [reading('a', 2)], ['b'])
  expect(said(back)).toEqual(['95000 a present 2'])
})

const counter = (value: number) => reading('c', value, { series: seriesOf('c', 'counter') })

test('a restart shows although scrapes failed in between', () => {
  const down = afterFailure(scrape(nothing, 0, [counter(10)]).states, 1_000)
  expect(scrape(down.states, 2_000, [counter(3)]).isRestart).toBe(true)
  expect(scrape(down.states, 2_000, [counter(10)]).isRestart).toBe(false)
})

describe('timestamps of the exporter', () => {
  test('the same reading is said once', () => {
    const stamped = reading('a', 1, { timestampMs: 900 })
    const first = scrape(nothing, 1_000, [stamped])
    expect(said(first)).toEqual(['900 a present 1'])
    expect(said(scrape(first.states, 2_000, [stamped]))).toEqual([])
  })

  test('an old reading is stale although the target answers', () => {
    const stamped = reading('a', 1, { timestampMs: 1_000 })
    const first = scrape(nothing, 1_000, [stamped])
    const second = scrape(first.states, 31_001, [stamped])
    expect(said(second)).toEqual(['31001 a stale NaN'])
    expect(said(scrape(second.states, 40_000, [stamped]))).toEqual([])
  })

  test('a clock that runs ahead does not write into the future', () => {
    expect(said(scrape(nothing, 1_000, [reading('a', 1, { timestampMs: 9_000 })]))).toEqual([
      '1000 a present 1',
    ])
  })
})

test('a counter that fell is a restart; a gauge that fell and a counter that came anew are not', () => {
  const { states } = scrape(nothing, 0, [counter(10), reading('g', 10)])
  expect(scrape(states, 1_000, [counter(11), reading('g', 1)]).isRestart).toBe(false)
  expect(scrape(states, 1_000, [counter(10)]).isRestart).toBe(false)
  expect(scrape(states, 1_000, [counter(3)]).isRestart).toBe(true)
})

test('whatever a target does, a series is never marked stale twice in a row nor is a value ever lost', () => {
  const scrapes = fc.array(
    fc.option(fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 })),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(scrapes, (history) => {
      let states = nothing
      const last = new Map<string, string>()
      history.forEach((present, index) => {
        const atMs = index * 20_000
        const step =
          present === null
            ? afterFailure(states, atMs)
            : scrape(
                states,
                atMs,
                present.map((name) => reading(name, index)),
              )
        for (const { series, state } of step.samples) {
          if (state === 'stale') expect(last.get(series.metric)).toBe('present')
          last.set(series.metric, state)
        }
        if (present !== null) expect(step.samples.filter(isPresent)).toHaveLength(present.length)
        states = step.states
      })
    }),
  )
})

function isPresent({ state }: { state: string }): boolean {
  return state === 'present'
}
