import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { agreementInterval, cohenKappa, fleissKappa, krippendorffAlpha } from './agreement.ts'

const pairsOf = (table: readonly (readonly number[])[]) =>
  table.flatMap((row, i) => row.flatMap((count, j) => Array.from({ length: count }, () => [i, j])))

describe("Cohen's kappa", () => {
  test.each([
    [
      [
        [20, 5],
        [10, 15],
      ],
      0.4,
    ],
    [
      [
        [45, 15],
        [25, 15],
      ],
      0.130435,
    ],
    [
      [
        [25, 35],
        [5, 35],
      ],
      0.259259,
    ],
  ])('%j', (table, kappa) => {
    expect(cohenKappa(pairsOf(table))).toBeCloseTo(kappa, 6)
  })

  test.each([
    ['none', 0.450704],
    ['linear', 0.478261],
    ['quadratic', 0.507463],
  ] as const)('weighted: %s', (weighting, kappa) => {
    const table = [
      [9, 3, 1],
      [4, 8, 2],
      [2, 1, 6],
    ]
    expect(cohenKappa(pairsOf(table), weighting)).toBeCloseTo(kappa, 6)
  })

  test('is not defined where only one category was used', () => {
    expect(
      cohenKappa([
        [1, 1],
        [1, 1],
      ]),
    ).toBeNull()
  })
})

test("Fleiss' kappa of the worked example", () => {
  const counts = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
  ]
  expect(fleissKappa(counts)).toBeCloseTo(0.209931, 6)
  expect(
    fleissKappa([
      [3, 0],
      [3, 0],
    ]),
  ).toBeNull()
  expect(() =>
    fleissKappa([
      [2, 1],
      [1, 1],
    ]),
  ).toThrow('same number of raters')
})

/** Raters' rows, one character an answer; anything but a digit is missing. */
const unitsOf = (rows: readonly string[]) =>
  Array.from({ length: rows[0]?.length ?? 0 }, (_, answer) =>
    rows.flatMap((row) => (/\d/.test(row[answer] ?? '') ? [Number(row[answer])] : [])),
  )

describe("Krippendorff's alpha", () => {
  test.each([
    ['nominal', 0.691358, 0.743421],
    ['ordinal', 0.806721, 0.815388],
    ['interval', 0.810845, 0.849107],
    ['ratio', 0.808944, 0.797403],
  ] as const)('%s', (level, three, four) => {
    const threeCoders = ['*****34121133*3', '1*213343*******', '**21344*21133*4']
    expect(krippendorffAlpha(unitsOf(threeCoders), level)).toBeCloseTo(three, 6)
    const observers = ['123321412...', '1233224125.3', '.3332342251.', '12332441251.']
    expect(krippendorffAlpha(unitsOf(observers), level)).toBeCloseTo(four, 6)
  })

  test('is not defined without variation or without a second rating', () => {
    expect(
      krippendorffAlpha(
        [
          [1, 1],
          [1, 1],
        ],
        'nominal',
      ),
    ).toBeNull()
    expect(krippendorffAlpha([[1], [2]], 'nominal')).toBeNull()
  })
})

const ratings = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })), {
  minLength: 2,
  maxLength: 40,
})

test('coefficients are 1 exactly where all agree and do not care who rated first', () => {
  fc.assert(
    fc.property(ratings, (pairs) => {
      const same = pairs.map(([a]) => [a, a])
      const swapped = pairs.map(([a, b]) => [b, a])
      for (const of of [cohenKappa, (units: number[][]) => krippendorffAlpha(units, 'nominal')]) {
        expect([1, null]).toContain(of(same))
        expect(of(swapped) ?? 0).toBeCloseTo(of(pairs) ?? 0, 9)
      }
    }),
  )
})

describe('interval', () => {
  test('holds the coefficient, narrows with more answers and repeats itself', () => {
    const few = pairsOf([
      [20, 5],
      [10, 15],
    ])
    const many = Array.from({ length: 10 }, () => few).flat()
    const [a, b] = [agreementInterval(few, cohenKappa), agreementInterval(many, cohenKappa)]
    expect(a.value).toBeCloseTo(0.4, 6)
    expect(a.lower ?? 1).toBeLessThan(0.4)
    expect(a.upper ?? 0).toBeGreaterThan(0.4)
    const width = (estimate: typeof a) => (estimate.upper ?? 0) - (estimate.lower ?? 0)
    expect(width(b)).toBeLessThan(width(a) / 2)
    expect(agreementInterval(few, cohenKappa)).toEqual(a)
  })

  test('gives no bounds for a handful of answers and no value for none', () => {
    expect(
      agreementInterval(
        [
          [1, 0],
          [1, 1],
        ],
        cohenKappa,
      ),
    ).toMatchObject({ n: 2, lower: null })
    expect(agreementInterval([[1]], cohenKappa)).toMatchObject({ n: 0, value: null })
  })
})
