// Quality over a real store: a judge that is kinder than people, labels drawn unequally.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../app.ts'
import type { ApiError, Board, QualityReport } from '../contract.ts'
import { bodyOf, testContext, testNowMs } from '../test-context.ts'
import { openTestStore, type TestStore } from '../test-store.ts'

let store: TestStore

// Of 2,000 answers the judge passes 1,800; people call 1 of 10 of those bad, and half of the other 200 good:
// .9 · .9 + .1 · .5 = .86 of the answers are good. One in 45 of the passed is labelled and one in 4 of the failed.
beforeAll(async () => {
  store = await openTestStore()
  const time = `toDateTime64('2026-01-01 00:00:00', 3, 'UTC') + INTERVAL number % 200 SECOND`
  const scores = (version: string, from: number, count: number) =>
    store.command(
      `INSERT INTO scores (project, call_id, call_started_at, scored_at, model, dimension, evaluator,
        evaluator_version, value, outcome, sampling_probability)
      SELECT 'p', toString(number), ${time}, ${time}, 'a', 'safety', 'judge', '${version}',
        number % 10 != 0, 'scored', 0.5 FROM numbers(${from}, ${count})`,
    )
  await scores('v1', 0, 2_000)
  await scores('v2', 2_000, 30)
  const labels = (where: string, good: string, probability: string) =>
    store.command(
      `INSERT INTO labels (project, call_id, model, reviewer, question, labelled_at, value, draw, draw_probability)
      SELECT 'p', toString(number), 'a', 'ann', 'safety', toDateTime64('2026-01-01 00:03:30', 3, 'UTC'),
        ${good}, 'random', ${probability}
      FROM (SELECT number, row_number() OVER (ORDER BY number) AS place FROM numbers(2000) WHERE ${where})`,
    )
  await labels('number % 10 != 0 AND number % 45 = 1', 'place % 10 != 0', '1 / 45')
  await labels('number % 40 = 0', 'place % 2', '1 / 4')
})

afterAll(async () => {
  await store.close()
})

async function report(query: string): Promise<QualityReport> {
  const response = await createApp(testContext({ store })).request(`/api/v1/quality${query}`)
  expect(response.status).toBe(200)
  return bodyOf<QualityReport>(response)
}

describe('GET /quality', () => {
  test('raw and calibrated, with method, agreement and plan', async () => {
    const { rows, fromMs, toMs } = await report('?model=a&dimension=safety&from=-1h&labels=50')
    expect([fromMs, toMs]).toEqual([testNowMs - 3_600_000, testNowMs + 1])
    expect(rows[0]).toMatchObject({
      evaluatorVersion: 'v1',
      passMark: 0.5,
      raw: { value: 0.9, n: 2_000, nEffective: 2_000 },
      calibrated: { method: 'verdict_strata', labels: 95 },
      rawOnly: null,
      labels: { ofWindow: 95, ofAnyTime: 95 },
      agreement: { n: 95, strength: 'poor' },
      plan: { labels: 50, byVerdict: { passed: 25, failed: 25 } },
    })
    expect(rows[0]?.plan.sentence).toMatch(/^50 more labels narrow safety from ±[\d.]+ to ±[\d.]+ /)
  })

  test('the calibrated interval holds what people would say, the raw one does not', async () => {
    const [first] = (await report('?from=-1h')).rows
    if (first?.calibrated == null || first.agreement === null) throw new Error('not calibrated')
    const { raw, calibrated, agreement } = first
    expect(calibrated.value).toBeCloseTo(0.86, 1)
    expect(calibrated.lower).toBeLessThan(0.86)
    expect(calibrated.upper).toBeGreaterThan(0.86)
    expect(raw.lower).toBeGreaterThan(0.86)
    // Of good answers .81 of .86 pass.
    expect(agreement.sensitivity?.value).toBeCloseTo(0.81 / 0.86, 1)
  })

  test('a version without labels stays raw and says why', async () => {
    const { rows } = await report('?from=-1h')
    expect(rows[1]).toMatchObject({ evaluatorVersion: 'v2', calibrated: null, agreement: null })
    expect(rows[1]?.rawOnly).toContain('0 of the 20 labels')
    expect(rows[1]?.plan.sentence).toBe('30 more labels would calibrate safety')
  })

  test('a window with few labels of its own lives on the error rates of other times', async () => {
    const { rows } = await report('?from=2026-01-01T00:03:00Z&to=2026-01-01T00:03:20Z')
    expect(rows[0]?.labels.ofWindow).toBeLessThan(20)
    expect(rows[0]?.labels.ofAnyTime).toBe(95)
    expect(rows[0]?.calibrated?.method).toBe('error_rates')
  })

  test('nothing was scored', async () => {
    expect((await report('?model=nobody')).rows).toEqual([])
  })

  test.each([
    ['?labels=0', 'labels="0"'],
    ['?from=-200d', 'longer than 92 days'],
  ])('refuses %s', async (query, message) => {
    const response = await createApp(testContext({ store })).request(`/api/v1/quality${query}`)
    expect(response.status).toBe(400)
    expect((await bodyOf<ApiError>(response)).error.message).toContain(message)
  })
})

test('the board shows the calibration with the most labels beside the evaluators’ mean', async () => {
  const app = createApp(testContext({ store }))
  const board = await bodyOf<Board>(await app.request('/api/v1/board?from=-5m&step=1m'))
  const summary = board.models.find(({ model }) => model === 'a')?.summary
  expect(summary?.quality['safety']?.value).toBeCloseTo(0.9, 2)
  expect(summary?.calibrated['safety']).toMatchObject({ method: 'verdict_strata', labels: 95 })
})
