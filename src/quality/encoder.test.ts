import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { configSchema } from '../config/schema.ts'
import { wordEncoder } from './evaluator-conformance.ts'
import { cachedEncoder } from './encoder-cache.ts'
import { cosine, embeddedEncoderName, encoderName, unitVector, type Encoder } from './encoder.ts'
import { openEncoder } from './open-encoder.ts'

const { signal } = new AbortController()
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const configOf = (encoder: object) => configSchema.parse({ quality: { encoder } }).quality.encoder

test('cosine and unit vectors', () => {
  expect(cosine(unitVector([3, 4]), unitVector([3, 4]))).toBeCloseTo(1, 6)
  expect(cosine(unitVector([1, 0]), unitVector([0, 5]))).toBe(0)
  expect(() => cosine(unitVector([1]), unitVector([1, 0]))).toThrow('1 and 2 dimensions')
  expect(() => unitVector([0, 0])).toThrow('no direction')
  expect(() => unitVector([Number.NaN])).toThrow('no direction')
})

function counted(capacity: number): { readonly encoder: Encoder; readonly asked: string[] } {
  const asked: string[] = []
  const inner: Encoder = {
    ...wordEncoder,
    encode(texts, stop) {
      asked.push(...texts)
      return wordEncoder.encode(texts, stop)
    },
  }
  return { encoder: cachedEncoder(inner, capacity), asked }
}

async function serverWith(answer: (response: ServerResponse, input: readonly string[]) => void) {
  const seen: { url: string | undefined; key: string | undefined; input: string[] }[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => (text += String(chunk)))
    request.on('end', () => {
      const { input } = JSON.parse(text)
      seen.push({ url: request.url, key: request.headers.authorization, input })
      answer(response, input)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://127.0.0.1:${port}/`, seen }
}

const embeddings = (input: readonly string[]) =>
  // Listed backwards: servers may give any order.
  input.map((text, index) => ({ index, embedding: [text.length, 0, 1] })).toReversed()

describe('cache', () => {
  test('each text is encoded once, also within one request, and order is kept', async () => {
    const { encoder, asked } = counted(10)
    const vectors = await encoder.encode(['a', 'b', 'a'], signal)
    expect(asked).toEqual(['a', 'b'])
    expect(vectors).toEqual(await wordEncoder.encode(['a', 'b', 'a'], signal))
    await encoder.encode(['b', 'c'], signal)
    expect(asked).toEqual(['a', 'b', 'c'])
  })

  test('what was not used longest goes first, and capacity 0 keeps nothing', async () => {
    const { encoder, asked } = counted(2)
    await encoder.encode(['a', 'b'], signal)
    await encoder.encode(['a', 'c'], signal)
    await encoder.encode(['a', 'b'], signal)
    expect(asked).toEqual(['a', 'b', 'c', 'b'])
    const none = counted(0)
    await none.encoder.encode(['a'], signal)
    await none.encoder.encode(['a'], signal)
    expect(none.asked).toEqual(['a', 'a'])
  })
})

test('the embedded encoder hears that two sentences say the same, off this thread, and its name pins it', async () => {
  const config = configOf({})
  const encoder = openEncoder(config)
  closers.push(() => encoder.close())
  expect(encoder.name).toBe(embeddedEncoderName)
  const [lima, again, trains] = await encoder.encode(
    ['The capital of Peru is Lima.', 'Lima is the capital city of Peru.', 'I like trains.'],
    signal,
  )
  if (lima === undefined || again === undefined || trains === undefined)
    throw new Error('no vector')
  expect(lima).toHaveLength(512)
  expect(cosine(lima, again)).toBeGreaterThan(0.85)
  expect(cosine(lima, trains)).toBeLessThan(0.3)
  // A fault of one request leaves the encoder usable.
  await expect(encoder.encode([''], signal)).rejects.toThrow('embedded encoder')
  expect(await encoder.encode(['Lima'], signal)).toHaveLength(1)
})

test('closing the embedded encoder ends what waits', async () => {
  const encoder = openEncoder(configOf({}))
  const pending = encoder.encode(['Lima'], signal)
  await Promise.all([expect(pending).rejects.toThrow('closed'), encoder.close()])
})

describe('endpoint', () => {
  test('texts go in batches with the key, vectors come back in order and as units', async () => {
    const { url, seen } = await serverWith((response, input) => {
      response.end(JSON.stringify({ data: embeddings(input) }))
    })
    const config = configOf({ url, model: 'e5', apiKey: 'key-1', batch: 2 })
    expect(encoderName(config)).toBe('e5')
    const vectors = await openEncoder(config).encode(['a', 'bb', 'ccc'], signal)
    expect(seen.map(({ input }) => input)).toEqual([['a', 'bb'], ['ccc']])
    expect(seen[0]).toMatchObject({ url: '/v1/embeddings', key: 'Bearer key-1' })
    expect(vectors.map((vector) => Math.round((vector[0] ?? 0) / (vector[2] ?? 1)))).toEqual([
      1, 2, 3,
    ])
    expect(Math.hypot(...(vectors[2] ?? []))).toBeCloseTo(1, 6)
  })

  test('a busy server is asked again', async () => {
    let tries = 0
    const { url } = await serverWith((response, input) => {
      tries += 1
      if (tries === 1) response.writeHead(503, { 'retry-after': '0' }).end()
      else response.end(JSON.stringify({ data: embeddings(input) }))
    })
    expect(await openEncoder(configOf({ url, model: 'e5' })).encode(['a'], signal)).toHaveLength(1)
  })

  test.each([
    [{ data: [] }, '0 vectors for 1 texts'],
    [{ data: [{ index: 1, embedding: [1] }] }, '1 vectors for 1 texts'],
    [{ data: [{ index: 0, embedding: [0, 0] }] }, 'no direction'],
    [{ error: 'no' }, 'no embeddings'],
  ])('%j is refused', async (reply, message) => {
    const { url } = await serverWith((response) => response.end(JSON.stringify(reply)))
    await expect(openEncoder(configOf({ url, model: 'e5' })).encode(['a'], signal)).rejects.toThrow(
      message,
    )
  })

  test('a server without a model’s name is refused in the configuration', () => {
    expect(() => configOf({ url: 'http://127.0.0.1:1' })).toThrow('expected the name of the model')
  })
})
