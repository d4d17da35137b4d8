import { expect, test } from 'vitest'
import { hajekFromSums } from '../../stats/hajek.ts'
import { rememberedInterval } from './interval-memory.ts'

const sums = {
  scored: 4,
  weight: 8,
  weightSquared: 16,
  weightedValue: 4.4,
  weightedValueSquared: 3,
}

test('what is remembered is what was computed', () => {
  const fresh = hajekFromSums(sums)
  const first = rememberedInterval(sums, 4)
  expect(first).toEqual({ value: fresh?.value, lower: fresh?.lower, upper: fresh?.upper, n: 4 })
  expect(rememberedInterval({ ...sums }, 4)).toBe(first)
})

test('another sum or another n is another interval', () => {
  expect(rememberedInterval({ ...sums, weightedValue: 4.5 }, 4)?.value).not.toBe(
    rememberedInterval(sums, 4)?.value,
  )
  expect(rememberedInterval(sums, 3)?.n).toBe(3)
  expect(rememberedInterval({ ...sums, scored: 0, weight: 0 }, 0)).toBeNull()
})
