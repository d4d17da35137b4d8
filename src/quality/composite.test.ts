import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { configSchema } from '../config/schema.ts'
import {
  type CompositeConfig,
  compositeOf,
  compositeVersion,
  type DimensionScore,
} from './composite.ts'

const { composite, goodAnswer } = configSchema.parse({}).quality
const config: CompositeConfig = { ...composite, goodAnswer }

const scored = (dimension: string, value: number): DimensionScore => ({
  dimension,
  outcome: 'scored',
  value,
})

const failed = (dimension: string): DimensionScore => ({
  dimension,
  outcome: 'failed',
  value: null,
})

/** The number, or `null` where there is no composite. */
function valueOf(scores: readonly DimensionScore[], using = config): number | null {
  const verdict = compositeOf(scores, using)
  return verdict.outcome === 'scored' ? verdict.value : null
}

test('the weighted mean of what is scored', () => {
  const weights = { accuracy: 3, relevance: 1 }
  const scores = [scored('accuracy', 1), scored('relevance', 0.5), scored('safety', 1)]
  expect(compositeOf(scores, { ...config, weights })).toEqual({
    outcome: 'scored',
    value: 0.875,
    label: 'good',
    reason: '100 % of the weights are scored',
  })
})

test('two evaluators of one dimension count as their mean', () => {
  const weights = { accuracy: 1 }
  const scores = [scored('accuracy', 1), scored('accuracy', 0), failed('accuracy')]
  expect(valueOf(scores, { ...config, weights })).toBe(0.5)
})

test('a failed gate is 0 even where too little else is known', () => {
  expect(compositeOf([scored('safety', 0)], config)).toMatchObject({
    outcome: 'scored',
    value: 0,
    label: 'poor',
    reason: 'safety 0.00 is under the gate 0.50',
  })
})

test('a gate that was asked for and has no score leaves the composite unknown', () => {
  const rest = ['accuracy', 'relevance', 'guideline_adherence', 'groundedness']
  const scores = rest.map((dimension) => scored(dimension, 1))
  expect(valueOf(scores)).toBe(1)
  expect(compositeOf([...scores, failed('safety')], config)).toEqual({
    outcome: 'skipped',
    reason: 'safety was asked for and has no score',
  })
})

test('a missing dimension is not 0: it is left out, and named', () => {
  const scores = [scored('accuracy', 0.8), scored('relevance', 0.8), failed('groundedness')]
  expect(compositeOf(scores, config)).toMatchObject({
    value: expect.closeTo(0.8, 12),
    reason: '50 % of the weights are scored; missing guideline_adherence, groundedness',
  })
})

test('under the minimum coverage, or with nothing, there is no composite', () => {
  expect(compositeOf([scored('accuracy', 1)], config)).toMatchObject({ outcome: 'skipped' })
  expect(compositeOf([], config)).toMatchObject({ outcome: 'skipped' })
  expect(compositeOf([], { ...config, minimumCoverage: 0 })).toMatchObject({ outcome: 'skipped' })
})

test('the label follows the threshold of a good answer', () => {
  const weights = { accuracy: 1 }
  const label = (value: number) => compositeOf([scored('accuracy', value)], { ...config, weights })
  expect(label(0.7)).toMatchObject({ label: 'good' })
  expect(label(0.69)).toMatchObject({ label: 'poor' })
})

test('the version pins weights, gate and bounds, whatever the order of keys', () => {
  const parts = ['b@1', 'a@1']
  const version = compositeVersion(config, parts)
  const reversed = Object.fromEntries(Object.entries(config.weights).toReversed())
  expect(compositeVersion({ ...config, weights: reversed }, parts.toReversed())).toBe(version)
  expect(compositeVersion(config, ['b@2', 'a@1'])).not.toBe(version)
  const others = [
    { ...config, weights: { accuracy: 2 } },
    { ...config, gate: 'privacy' },
    { ...config, gateThreshold: 0.6 },
    { ...config, minimumCoverage: 0.6 },
    { ...config, goodAnswer: 0.8 },
  ]
  expect(new Set([version, ...others.map((other) => compositeVersion(other, parts))]).size).toBe(6)
})

const dimension = fc.constantFrom(
  'accuracy',
  'relevance',
  'guideline_adherence',
  'groundedness',
  'safety',
  'format',
)
const share = fc.double({ min: 0, max: 1, noNaN: true })
const score = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(dimension, share).map(([name, value]) => scored(name, value)) },
  { weight: 1, arbitrary: dimension.map(failed) },
)
const scores = fc.array(score, { maxLength: 12 })
const anyConfig = fc
  .record({
    weights: fc.dictionary(dimension, fc.double({ min: 0.01, max: 10, noNaN: true }), {
      minKeys: 1,
      noNullPrototype: true,
    }),
    gateThreshold: share,
    minimumCoverage: share,
    goodAnswer: share,
  })
  .map((parts): CompositeConfig => ({ gate: 'safety', ...parts }))

test('bounded: a composite lies in [0,1] and between the values it was made of, or is the gate’s 0', () => {
  fc.assert(
    fc.property(scores, anyConfig, (list, using) => {
      const value = valueOf(list, using)
      if (value === null || value === 0) return
      const given = list.flatMap((one) => (one.value === null ? [] : [one.value]))
      expect(value).toBeLessThanOrEqual(Math.max(...given) + 1e-12)
      expect(value).toBeGreaterThanOrEqual(Math.min(...given) - 1e-12)
    }),
  )
})

test('monotone: a better score in any place never lowers it', () => {
  fc.assert(
    fc.property(scores, anyConfig, fc.nat(), share, (list, using, at, raise) => {
      const index = list.length === 0 ? 0 : at % list.length
      const better = list.map((one, place) =>
        place === index && one.value !== null
          ? { ...one, value: one.value + (1 - one.value) * raise }
          : one,
      )
      const before = valueOf(list, using)
      const after = valueOf(better, using)
      // Passing the gate may show that the rest is unknown; then there is no number to compare.
      if (before === null || after === null) return
      expect(after).toBeGreaterThanOrEqual(before - 1e-12)
    }),
  )
})

test('the gate dominates: an unsafe answer is 0 whatever else it is', () => {
  fc.assert(
    fc.property(scores, anyConfig, share, (list, using, part) => {
      fc.pre(using.gateThreshold > 1e-3)
      const unsafe = scored('safety', using.gateThreshold * part * 0.999)
      const rest = list.filter((one) => one.dimension !== 'safety')
      expect(valueOf([...rest, unsafe], using)).toBe(0)
    }),
  )
})

test('missing is never 0: what failed beside the present ones changes nothing but coverage', () => {
  fc.assert(
    fc.property(scores, dimension, anyConfig, (list, name, using) => {
      const alone = valueOf(list, using)
      const withFailure = valueOf([...list, failed(name)], using)
      if (withFailure !== null) expect(withFailure).toBe(alone)
    }),
  )
})

test('leaving out a dimension never gives less than the least of those present', () => {
  fc.assert(
    fc.property(scores, dimension, anyConfig, (list, name, using) => {
      const present = list.filter((one) => one.dimension !== name)
      const value = valueOf(present, using)
      const given = present.flatMap((one) => (one.value === null ? [] : [one.value]))
      const gated = given.length > 0 && value === 0
      if (value !== null && !gated) expect(value).toBeGreaterThanOrEqual(Math.min(...given) - 1e-12)
    }),
  )
})
