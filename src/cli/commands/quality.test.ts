import { expect, test } from 'vitest'
import type { QualityReport, QualityRow } from '../../api/contract.ts'
import { qualityText } from './quality.ts'

const raw = { value: 0.9, lower: 0.88, upper: 0.912, n: 2_000, nEffective: 1_811.4 }
const row: QualityRow = {
  model: 'a',
  dimension: 'safety',
  evaluator: 'judge',
  evaluatorVersion: 'v1',
  passMark: 0.5,
  raw,
  calibrated: {
    value: 0.861234,
    lower: 0.82,
    upper: 0.9,
    labels: 95,
    labelsEffective: 93,
    method: 'verdict_strata',
  },
  rawOnly: null,
  labels: { ofWindow: 95, ofAnyTime: 120 },
  agreement: {
    kappa: 0.7,
    lower: 0.6,
    upper: 0.8,
    n: 120,
    strength: 'tentative',
    sensitivity: null,
    specificity: null,
  },
  plan: {
    labels: 40,
    byVerdict: null,
    halfWidthNow: 0.04,
    halfWidthThen: 0.03,
    sentence: '40 more labels narrow safety from ±4.0 to ±3.0 points',
  },
}
const unlabelled: QualityRow = {
  ...row,
  evaluatorVersion: 'v2',
  calibrated: null,
  rawOnly: '0 of the 20 labels that a calibration needs in this window',
  labels: { ofWindow: 0, ofAnyTime: 0 },
  agreement: null,
}

const report: QualityReport = { fromMs: 0, toMs: 1, labelsFromMs: 0, rows: [row, unlabelled] }

test('a table with raw and calibrated side by side, and NULL for what is not known', () => {
  const [head, , first, second] = qualityText(report, 'table').split('\n')
  expect(head).toMatch(/ raw +raw_95 +n +n_eff +calibrated +calibrated_95 +method +labels +kappa /)
  expect(first).toMatch(
    / 0\.9 +0\.8800-0\.9120 +2000 +1811 +0\.8612 +0\.8200-0\.9000 +verdict_strata +95 +0\.70 tentative +40 more labels narrow/,
  )
  expect(second).toMatch(/ NULL +NULL +raw only: 0 of the 20 labels .* 0 +NULL +40 more/)
})

test('JSON, a row a line', () => {
  const [first] = qualityText(report, 'json').split('\n')
  expect(JSON.parse(first ?? '')).toMatchObject({ calibrated: 0.8612, method: 'verdict_strata' })
})
