import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { interpolate } from './interpolate.ts'

const env = { A: 'x', EMPTY: '', HOST: 'h', NESTED: '${A}' }

test.each([
  ['plain', 'plain'],
  ['${A}', 'x'],
  ['http://${HOST}:80/${A}', 'http://h:80/x'],
  ['${EMPTY}', ''],
  ['${EMPTY:-d}', 'd'],
  ['${NONE:-d}', 'd'],
  ['${NONE:-}', ''],
  ['${A:-d}', 'x'],
  ['${NONE:-a:-b c}', 'a:-b c'],
  ['$${A}', '${A}'],
  ['$$${A}', '$${A}'],
  ['${NESTED}', '${A}'],
  ['$A $ {A} $', '$A $ {A} $'],
])('%s becomes %j', (text, expected) => {
  expect(interpolate(text, env)).toMatchObject({ text: expected, faults: [] })
})

test.each([
  ['${NONE}', 'unset'],
  ['${a-b}', 'malformed'],
  ['${}', 'malformed'],
  ['${A', 'malformed'],
  ['${1A}', 'malformed'],
  ['${A:d}', 'malformed'],
])('%s is %s and stays as written', (text, kind) => {
  const result = interpolate(text, env)
  expect(result.text).toBe(text)
  expect(result.faults.map((fault) => fault.kind)).toEqual([kind])
})

test('inherited names are no variables', () => {
  expect(interpolate('${toString}', Object.create(null)).faults).toHaveLength(1)
})

test('names all variables', () => {
  expect(interpolate('${A}${NONE:-1}$${B}${C}', env).variables).toEqual(['A', 'NONE', 'C'])
})

test('any text escaped by $${ comes back as it was', () => {
  const piece = fc.constantFrom('${', '$', '{', '}', 'A', ':-', ' ')
  const law = fc.property(fc.array(piece), (pieces) => {
    // A dollar before an escape is ambiguous by design, so it is kept apart.
    const text = pieces.join('').replaceAll('$$', '$')
    fc.pre(!text.includes('$$'))
    expect(
      interpolate(
        text.replaceAll('${', () => '$${'),
        env,
      ).text,
    ).toBe(text)
  })
  fc.assert(law)
})
