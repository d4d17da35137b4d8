import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fitStepLaw, measuredStepLaw, stepMs, type StepMeasurement } from './step-law.ts'

const file = join(process.env['EQUIPOISE_DATA'] ?? '../shared/data', 'splitwise-perf-model.csv')

test('a step costs its base, each sequence and each prefill token', () => {
  expect(stepMs({ baseMs: 30, perSequenceMs: 0.5, perPrefillTokenMs: 0.1 }, 10, 200)).toBe(55)
})

test('the fit finds the law that made the points', () => {
  const rows: StepMeasurement[] = [1, 2, 4, 8].flatMap((batch) =>
    [128, 512].map((promptTokens) => ({
      batch,
      promptTokens,
      promptMs: 5 + 0.25 * batch * promptTokens,
      tokenMs: 12 + 3 * batch,
    })),
  )
  const fit = fitStepLaw(rows)
  expect(fit.baseMs).toBeCloseTo(12)
  expect(fit.perSequenceMs).toBeCloseTo(3)
  expect(fit.perPrefillTokenMs).toBeCloseTo(0.25)
  expect(fit.decodeR2).toBeCloseTo(1)
  expect(fit.prefillR2).toBeCloseTo(1)
})

describe.skipIf(!existsSync(file))(
  'measurements of splitwise-sim (absent: set EQUIPOISE_DATA)',
  () => {
    test('the default law is the fit to llama2-70b on 8 H100', () => {
      const fit = fitStepLaw(measurements('llama2-70b', 'h100-80gb', '8'))
      expect(fit.baseMs).toBeCloseTo(measuredStepLaw.baseMs, 1)
      expect(Math.abs(fit.perSequenceMs - measuredStepLaw.perSequenceMs)).toBeLessThan(0.002)
      expect(fit.perPrefillTokenMs).toBeCloseTo(measuredStepLaw.perPrefillTokenMs, 3)
      expect(fit.decodeR2).toBeGreaterThan(0.96)
      expect(fit.prefillR2).toBeGreaterThan(0.996)
    })
  },
)

function measurements(model: string, hardware: string, parallel: string): StepMeasurement[] {
  const [header = '', ...lines] = readFileSync(file, 'utf8').trim().split('\n')
  const names = header.split(',')
  return lines
    .map((line) => line.split(','))
    .map((cells) => Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ''])))
    .filter((row) => row['model'] === model && row['hardware'] === hardware)
    .filter((row) => row['tensor_parallel'] === parallel)
    .map((row) => ({
      batch: Number(row['batch_size']),
      promptTokens: Number(row['prompt_size']),
      promptMs: Number(row['prompt_time']),
      tokenMs: Number(row['token_time']),
    }))
}
