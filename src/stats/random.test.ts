import { expect, test } from 'vitest'
import { createRandom, randomBeta, randomGamma, randomIndex, randomNormal } from './random.ts'

const draws = 20_000
const momentsOf = (draw: () => number) => {
  const values = Array.from({ length: draws }, draw)
  const mean = values.reduce((sum, value) => sum + value, 0) / draws
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws }
}

const fiveOf = (random: () => number) => Array.from({ length: 5 }, random)

test('the same seed gives the same numbers, another one others', () => {
  const first = createRandom(1)
  const [again, other] = [createRandom(1), createRandom(2)]
  const numbers = fiveOf(first)
  expect(fiveOf(again)).toEqual(numbers)
  expect(fiveOf(other)).not.toEqual(numbers)
})

test.each([
  ['uniform', () => createRandom(4), 0.5, 1 / 12],
  ['normal', () => bind(randomNormal), 0, 1],
  ['gamma 0.5', () => bind((random) => randomGamma(random, 0.5)), 0.5, 0.5],
  ['gamma 7', () => bind((random) => randomGamma(random, 7)), 7, 7],
  ['beta 2, 6', () => bind((random) => randomBeta(random, 2, 6)), 0.25, (0.25 * 0.75) / 9],
])('moments: %s', (_, source, mean, variance) => {
  const found = momentsOf(source())
  expect(Math.abs(found.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / draws))
  expect(Math.abs(found.variance / variance - 1)).toBeLessThan(0.08)
})

function bind(draw: (random: () => number) => number) {
  const random = createRandom(9)
  return () => draw(random)
}

test('an index stays within its count', () => {
  const random = createRandom(6)
  const seen = new Set(Array.from({ length: 200 }, () => randomIndex(random, 3)))
  expect([...seen].toSorted((a, b) => a - b)).toEqual([0, 1, 2])
})

test('a shape is positive', () => {
  expect(() => randomGamma(createRandom(1), 0)).toThrow('positive')
})
