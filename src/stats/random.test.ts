import { expect, test } from 'vitest'
import { createRandom } from './random.ts'

function moments(draw: () => number) {
  const values = Array.from({ length: 40_000 }, draw)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return { mean, variance }
}

function draws(seed: number | string): number[] {
  const random = createRandom(seed)
  return [random.next(), random.below(100), random.normal(), random.gamma(2, 1), random.beta(1, 2)]
}

test('the seed alone decides the draws', () => {
  expect(draws(7)).toEqual(draws(7))
  expect(draws(7)).not.toEqual(draws(8))
})

test('uniform, normal, gamma and beta draws have their moments', () => {
  const random = createRandom('moments')
  const uniform = moments(() => random.next())
  expect(uniform.mean).toBeCloseTo(0.5, 1)
  expect(uniform.variance).toBeCloseTo(1 / 12, 2)
  const normal = moments(() => random.normal())
  expect(normal.mean).toBeCloseTo(0, 1)
  expect(normal.variance).toBeCloseTo(1, 1)
  for (const shape of [0.2, 1, 4.5]) {
    const gamma = moments(() => random.gamma(shape, 2))
    expect(Math.abs(gamma.mean / (2 * shape) - 1)).toBeLessThan(0.05)
    expect(Math.abs(gamma.variance / (4 * shape) - 1)).toBeLessThan(0.1)
  }
  const beta = moments(() => random.beta(2, 6))
  expect(beta.mean).toBeCloseTo(0.25, 2)
  expect(Math.abs(beta.variance / ((0.25 * 0.75) / 9) - 1)).toBeLessThan(0.05)
})

test('a gamma shape is positive', () => {
  expect(() => createRandom(1).gamma(0, 1)).toThrow('positive')
})
