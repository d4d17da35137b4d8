import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { configSchema, type RelabelStep } from '../../config/schema.ts'
import { relabelling, type Labels } from './relabel.ts'

type Step = Partial<RelabelStep>

function stepsOf(steps: readonly Step[]): readonly RelabelStep[] {
  const jobs = [{ name: 'j', static: [{ targets: ['h:1'] }], relabel: steps }]
  return configSchema.parse({ scrape: { jobs } }).scrape.jobs[0]?.relabel ?? []
}

const after = (labels: Labels, ...steps: Step[]) => relabelling(stepsOf(steps))(labels)

const abc = { a: 'foo', b: 'bar', c: 'baz' }

describe('replace', () => {
  test.each<[string, Step, Labels]>([
    [
      'joins values',
      { sourceLabels: ['a', 'b'], targetLabel: 'd', separator: '-' },
      { ...abc, d: 'foo-bar' },
    ],
    [
      'a missing label is empty',
      { sourceLabels: ['a', 'x'], targetLabel: 'd' },
      { ...abc, d: 'foo;' },
    ],
    [
      'the whole value must match',
      { sourceLabels: ['a'], regex: 'fo', targetLabel: 'd', replacement: 'x' },
      abc,
    ],
    [
      'alternatives are anchored together',
      { sourceLabels: ['a'], regex: 'x|fo', targetLabel: 'd', replacement: 'x' },
      abc,
    ],
    [
      'groups',
      {
        sourceLabels: ['a'],
        regex: '(f)(?P<rest>.*)',
        targetLabel: 'd',
        replacement: '${rest}$1$$',
      },
      { ...abc, d: 'oof$' },
    ],
    [
      'a name takes all letters that follow',
      { sourceLabels: ['a'], regex: '(f).*', targetLabel: 'd', replacement: 'x$1y' },
      { ...abc, d: 'x' },
    ],
    [
      'an empty result deletes the label',
      { sourceLabels: ['a'], targetLabel: 'b', replacement: '' },
      { a: 'foo', c: 'baz' },
    ],
    [
      'the target may be a template',
      { sourceLabels: ['a', 'b'], regex: '(.*);(.*)', targetLabel: '$1', replacement: '$2' },
      { ...abc, foo: 'bar' },
    ],
    [
      'a target that is no label name changes nothing',
      { sourceLabels: ['a'], targetLabel: '${9}' },
      abc,
    ],
    [
      'case may be left out of account',
      { sourceLabels: ['a'], regex: '(?i)FOO', targetLabel: 'd', replacement: 'y' },
      { ...abc, d: 'y' },
    ],
  ])('%s', (_, step, expected) => {
    expect(after(abc, step)).toEqual(expected)
  })

  test('a dot matches line ends', () => {
    expect(after({ a: 'x\ny' }, { sourceLabels: ['a'], targetLabel: 'd' })?.['d']).toBe('x\ny')
  })
})

// Shares that Prometheus' own tests name.
test.each([
  ['foo;bar', '976', { sourceLabels: ['c'] }, abc],
  ['a line end', '734', { sourceLabels: ['a'] }, { a: 'foo\nbar' }],
])('hashmod of %s is %s', (_, share, step, labels) => {
  const hash: Step = { ...step, action: 'hashmod', targetLabel: 'd', modulus: 1_000 }
  expect(after(labels, hash)?.['d']).toBe(share)
})

test.each<[Step, Labels | null]>([
  [{ action: 'keep', sourceLabels: ['a'], regex: 'foo' }, abc],
  [{ action: 'keep', sourceLabels: ['a'], regex: 'fo' }, null],
  [{ action: 'drop', sourceLabels: ['a'], regex: 'f.*' }, null],
  [{ action: 'drop', sourceLabels: ['a'], regex: 'bar' }, abc],
  [{ action: 'keepequal', sourceLabels: ['a'], targetLabel: 'b' }, null],
  [{ action: 'dropequal', sourceLabels: ['a'], targetLabel: 'b' }, abc],
  [
    { action: 'uppercase', sourceLabels: ['a'], targetLabel: 'a' },
    { ...abc, a: 'FOO' },
  ],
  [
    { action: 'lowercase', sourceLabels: ['a'], targetLabel: 'd' },
    { ...abc, d: 'foo' },
  ],
  [{ action: 'labeldrop', regex: 'a|b' }, { c: 'baz' }],
  [
    { action: 'labelkeep', regex: 'a|b' },
    { a: 'foo', b: 'bar' },
  ],
  [
    { action: 'labelmap', regex: '(a|b)', replacement: 'x_$1' },
    { ...abc, x_a: 'foo', x_b: 'bar' },
  ],
])('%j', (step, expected) => {
  expect(after(abc, step)).toEqual(expected)
})

test('steps see what earlier ones wrote, and a drop ends it', () => {
  const write: Step = { sourceLabels: ['a'], targetLabel: 'd', replacement: 'x' }
  expect(after(abc, write, { action: 'drop', sourceLabels: ['d'], regex: 'x' })).toBeNull()
})

test('without steps only empty labels go', () => {
  const labels = fc.dictionary(fc.stringMatching(/^[a-z]\w{0,5}$/), fc.string(), {
    noNullPrototype: true,
  })
  fc.assert(
    fc.property(labels, (some) => {
      const kept = Object.entries(some).filter(([, value]) => value !== '')
      expect(Object.entries(relabelling([])(some) ?? {})).toEqual(kept)
    }),
  )
})
