import { expect, test } from 'vitest'
import { normalQuantile, normalWidth } from './normal.ts'

// Reference values: SciPy 1.17 `norm.ppf`.
test.each([
  [0.5, 0],
  [0.975, 1.959963984540054],
  [0.9, 1.2815515655446004],
  [0.001, -3.090232306167813],
  [1e-10, -6.361340902404056],
  [0.999999, 4.753424308817087],
])('the normal quantile of %f is %f', (probability, expected) => {
  expect(normalQuantile(probability)).toBeCloseTo(expected, 11)
})

test('the ends are infinite and anything outside is refused', () => {
  expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity])
  expect(() => normalQuantile(1.5)).toThrow('1.5')
  expect(normalWidth(0.95)).toBeCloseTo(1.959963984540054, 11)
})
