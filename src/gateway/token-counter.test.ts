import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { emptyReading } from './openai/answer-reading.ts'
import { parseInferenceRequest } from './openai/inference-request.ts'
import { countedLength, createTokenCounter, piecesOf } from './token-counter.ts'
import { tokenUsage } from './token-usage.ts'

const counter = createTokenCounter()

afterAll(() => counter.close())

function requestOf(body: object, operation: 'chat' | 'embedding' = 'chat') {
  const parsed = parseInferenceRequest(
    Buffer.from(JSON.stringify({ model: 'm', ...body })),
    operation,
  )
  if ('status' in parsed) throw new Error(parsed.message)
  return parsed
}

const said = (generated: string) => ({
  ...emptyReading,
  generated,
  generatedLength: generated.length,
})

test('pieces are short and make up the text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', ' ', 'é', 'word '), maxLength: 2_000 }),
      (text) => {
        const pieces = piecesOf(text)
        expect(pieces.join('')).toBe(text)
        expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(128)
      },
    ),
  )
})

describe('token counter', () => {
  test('counts as o200k does, special tokens as plain text', async () => {
    const prose = 'The quick brown fox jumps over the lazy dog. '.repeat(20).trim()
    // Ten tokens a sentence: nine words and the full stop.
    expect(await counter.count(['', 'hello world', prose])).toEqual([0, 2, 200])
    expect((await counter.count(['<|endoftext|>']))?.[0]).toBeGreaterThan(1)
  })

  test('a long text without spaces does not stop it', async () => {
    expect((await counter.count(['あ'.repeat(countedLength)]))?.[0]).toBeGreaterThan(10_000)
  })

  test('more waiting than it takes are not counted', async () => {
    const all = await Promise.all(Array.from({ length: 300 }, () => counter.count(['a'])))
    expect(all.filter((counts) => counts === null)).toHaveLength(300 - 256)
  })
})

describe('tokenUsage', () => {
  test('the engine’s own counts come first', async () => {
    const usage = { promptTokens: 1, cachedTokens: null, completionTokens: 2 }
    expect(await tokenUsage(requestOf({}), { ...said('x'), usage }, counter)).toEqual({
      ...usage,
      source: 'upstream',
    })
  })

  test('text that is wholly known is counted', async () => {
    const request = requestOf({
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hello world' }] }],
    })
    expect(await tokenUsage(request, said('hello'), counter)).toEqual({
      promptTokens: 2,
      cachedTokens: null,
      completionTokens: 1,
      source: 'counted',
    })
  })

  test('an image makes it an estimate', async () => {
    const request = requestOf({
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }],
    })
    expect(await tokenUsage(request, said('hello'), counter)).toMatchObject({ source: 'estimated' })
  })

  test('a text beyond the bound is scaled', async () => {
    const reading = { ...said('word '.repeat(1_000)), generatedLength: 50_000 }
    expect(await tokenUsage(requestOf({ messages: [] }), reading, counter)).toMatchObject({
      completionTokens: 10_010,
      source: 'estimated',
    })
  })

  test('an embedding has no completion', async () => {
    const usage = await tokenUsage(
      requestOf({ input: ['hello world', 'hello'] }, 'embedding'),
      emptyReading,
      counter,
    )
    expect(usage).toMatchObject({ completionTokens: null, source: 'counted' })
    expect(usage.promptTokens).toBeGreaterThan(2)
  })

  test('a counter that is closed leaves an estimate by length', async () => {
    const closed = { count: () => Promise.resolve(null), close: () => Promise.resolve() }
    expect(await tokenUsage(requestOf({ messages: [] }), said('12345678'), closed)).toMatchObject({
      completionTokens: 2,
      source: 'estimated',
    })
  })
})
