import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeIntegers, toObjects } from './result-rows.ts'

const decoded = (type: string, value: unknown) =>
  decodeIntegers({ columns: [{ name: 'x', type }], rows: [[value]] }).rows[0]?.[0]

test.each([
  ['UInt64', '12', 12],
  ['Int64', '-12', -12],
  ['UInt64', '18446744073709551615', '18446744073709551615'],
  ['Int256', '9007199254740992', '9007199254740992'],
  ['String', '12', '12'],
  ['LowCardinality(Nullable(String))', '12', '12'],
  ['Float64', 1.5, 1.5],
  ['Nullable(UInt64)', null, null],
  ['Nullable(UInt64)', '3', 3],
  ['Array(Nullable(UInt64))', ['3', null], [3, null]],
  ['Array(Array(Int64))', [['1'], []], [[1], []]],
  ['Array(String)', ['3'], ['3']],
  ['Tuple(UInt64, String)', ['3', '3'], [3, '3']],
  [
    'Tuple(a UInt64, `b c` Tuple(d Int64, e String))',
    { a: '3', 'b c': { d: '4', e: '5' } },
    { a: 3, 'b c': { d: 4, e: '5' } },
  ],
  ['Map(String, UInt64)', { a: '3' }, { a: 3 }],
  ['Map(String, Array(UInt64))', { a: ['3'] }, { a: [3] }],
  ['SimpleAggregateFunction(sum, UInt64)', '3', 3],
  ["DateTime64(3, 'UTC')", '2026-01-15 12:00:00.000', '2026-01-15 12:00:00.000'],
  ["Enum8('1' = 1, '2' = 2)", '1', '1'],
])('%s', (type, value, expected) => {
  expect(decoded(type, value)).toEqual(expected)
})

test('no integer ever changes its digits', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
      expect(String(decoded('UInt64', String(value)))).toBe(String(value))
    }),
  )
})

test('rows become objects by column name', () => {
  const columns = [
    { name: 'a', type: 'UInt8' },
    { name: 'b', type: 'String' },
  ]
  expect(
    toObjects({
      columns,
      rows: [
        [1, 'x'],
        [2, 'y'],
      ],
    }),
  ).toEqual([
    { a: 1, b: 'x' },
    { a: 2, b: 'y' },
  ])
})
