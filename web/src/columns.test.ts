import { expect, test } from 'vitest'
import { divideColumns, latest, lonePoints, minColumns, runs, sumColumns } from './columns.ts'

test('a sum of nothing read is nothing, not zero', () => {
  expect(
    sumColumns(
      [
        [1, null, null],
        [2, 3, null],
      ],
      3,
    ),
  ).toEqual([3, 3, null])
  expect(sumColumns([], 2)).toEqual([null, null])
})

test('a quotient needs both, and a divisor', () => {
  expect(divideColumns([1, null, 4, 4], [2, 2, null, 0])).toEqual([0.5, null, null, null])
})

test('the smallest of what was read', () => {
  expect(
    minColumns(
      [
        [1, null],
        [0.5, null],
      ],
      2,
    ),
  ).toEqual([0.5, null])
})

test('the newest reading, if it is new enough', () => {
  expect(latest([1, 2, null, null])).toBe(2)
  expect(latest([1, 2, null, null], 2)).toBeNull()
})

test('runs and lone points', () => {
  expect(runs([1, 2, null, 3, null, 4, 5])).toEqual([
    [0, 1],
    [3, 3],
    [5, 6],
  ])
  expect(lonePoints([1, 2, null, 3, null, 4, 5])).toEqual([3])
  expect(runs([])).toEqual([])
})
