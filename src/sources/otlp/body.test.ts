import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { RetryableError } from '../../records/failure.ts'
import { createBodyMemory, withBody } from './body.ts'

const source = (bytes: Uint8Array, contentEncoding = '') => ({
  stream: Readable.from([bytes]),
  contentEncoding,
})

const sizeOf = async (bytes: Uint8Array) => await Promise.resolve(bytes.length)

test('memory is held while a body is in use, and given back whatever happens', async () => {
  const memory = createBodyMemory(100)
  const within = withBody(source(new Uint8Array(60)), memory, async () => {
    await expect(withBody(source(new Uint8Array(60)), memory, sizeOf)).rejects.toBeInstanceOf(
      RetryableError,
    )
    throw new Error('ours')
  })
  await expect(within).rejects.toThrow('ours')
  expect(await withBody(source(new Uint8Array(100)), memory, sizeOf)).toBe(100)
})

test('what a body unpacks to counts too', async () => {
  const memory = createBodyMemory(1_000)
  const packed = gzipSync(new Uint8Array(5_000))
  await expect(withBody(source(packed, 'gzip'), memory, sizeOf)).rejects.toBeInstanceOf(
    RetryableError,
  )
  expect(await withBody(source(gzipSync('hello'), 'GZIP'), memory, sizeOf)).toBe(5)
  expect(await withBody({ stream: null, contentEncoding: '' }, memory, sizeOf)).toBe(0)
})
