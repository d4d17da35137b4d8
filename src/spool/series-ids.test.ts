import { expect, test } from 'vitest'
import { exampleSample } from './examples.ts'
import { createSeriesIds } from './series-ids.ts'

const sampleOf = (metric: string) => {
  const sample = exampleSample()
  return { ...sample, series: { ...sample.series, metric } }
}

test('names that come and go are forgotten, those in use are not', () => {
  const ids = createSeriesIds(100)
  let rewritten = 0
  for (let turn = 0; turn < 1_000; turn += 1) {
    const rows = ids.unwritten([sampleOf('steady'), sampleOf(`gone ${turn}`)])
    ids.markWritten(rows)
    if (turn > 0 && rows.length !== 1) rewritten += 1
    expect(ids.size()).toBeLessThanOrEqual(100)
  }
  expect(rewritten).toBe(0)
})
