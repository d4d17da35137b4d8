import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { clusterEvents } from './event-clusters.ts'

const eventAt = (timeMs: number) => ({
  eventId: String(timeMs),
  timeMs,
  kind: 'deploy',
  model: '',
  title: `at ${timeMs}`,
  detail: '',
})
const axis = { fromMs: 0, toMs: 1000 }

test('near events share a mark, those outside have none', () => {
  const clusters = clusterEvents([700, 100, 110, -5, 1200].map(eventAt), axis, 0.05)
  expect(clusters.map(({ place, events }) => [place, events.length])).toEqual([
    [0.1, 2],
    [0.7, 1],
  ])
})

test('no event is lost and marks keep their distance', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 1000 })), (times) => {
      const clusters = clusterEvents(times.map(eventAt), axis, 0.03)
      expect(clusters.flatMap(({ events }) => events)).toHaveLength(times.length)
      for (const [i, { place }] of clusters.entries()) {
        const next = clusters[i + 1]
        if (next !== undefined) expect(next.place - place).toBeGreaterThanOrEqual(0.03)
      }
    }),
  )
})
