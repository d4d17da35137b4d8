import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { topLevelFields } from './top-level-fields.ts'

function values(text: string): Record<string, unknown> | null {
  const body = Buffer.from(text)
  const fields = topLevelFields(body)
  if (fields === null) return null
  return Object.fromEntries(
    [...fields].map(([key, { start, end }]) => [
      key,
      JSON.parse(body.toString('utf8', start, end)),
    ]),
  )
}

describe('topLevelFields', () => {
  test('finds what JSON.parse finds, compact or indented', () => {
    const object = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue(), {
      noNullPrototype: true,
    })
    fc.assert(
      fc.property(object, fc.constantFrom(0, 2, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        expect(values(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  test('the last of duplicate keys wins', () => {
    expect(values('{"a":1,"a":2}')).toEqual({ a: 2 })
  })

  test('reads escaped keys', () => {
    expect(values('{"mod\\u0065l":"m"}')).toEqual({ model: 'm' })
  })

  test.each([
    '',
    'null',
    '[]',
    '"x"',
    '{',
    '{"a"}',
    '{"a":}',
    '{"a":1',
    '{"a":1,}',
    '{"a":"x}',
    '{"a":[1}',
    '{} x',
    '{"a":1}}',
    '{a:1}',
  ])('%j is not an object', (text) => expect(values(text)).toBe(null))

  test('any bytes end in an answer', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        topLevelFields(Buffer.from(bytes))
      }),
    )
  })
})
