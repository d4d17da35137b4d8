// Bytes of a request: read and unpacked within bounds.
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { messageOf, RetryableError, UserError } from '../../records/failure.ts'

/** Largest body, as sent and unpacked. */
export const mostBodyBytes = 20 * 1_024 * 1_024

/** How much of all bodies together may be in memory. */
export interface BodyMemory {
  /** Takes bytes; a `RetryableError` when others have taken them. */
  take(bytes: number): void
  release(bytes: number): void
}

/** @param mostBytes of all bodies under way, as sent and unpacked */
export function createBodyMemory(mostBytes = 8 * mostBodyBytes): BodyMemory {
  let taken = 0
  return {
    take(bytes) {
      if (taken + bytes > mostBytes) {
        throw new RetryableError('too many export requests at once: send this one again later')
      }
      taken += bytes
    },
    release(bytes) {
      taken -= bytes
    },
  }
}

export interface BodySource {
  readonly stream: AsyncIterable<Uint8Array> | null
  readonly contentEncoding: string
}

/**
 * Hands the whole body, unpacked, to `use`, and holds its memory until that is done.
 * A `UserError` with 413 when it is too large, before or after unpacking; 415 when packed in another way.
 */
export async function withBody<Result>(
  source: BodySource,
  memory: BodyMemory,
  use: (bytes: Uint8Array) => Promise<Result>,
): Promise<Result> {
  let held = 0
  const hold = (bytes: number) => {
    memory.take(bytes)
    held += bytes
  }
  try {
    const packed = await readAll(source.stream, hold)
    return await use(await unpacked(packed, source.contentEncoding, hold))
  } finally {
    memory.release(held)
  }
}

async function readAll(
  stream: AsyncIterable<Uint8Array> | null,
  hold: (bytes: number) => void,
): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream ?? []) {
    size += chunk.length
    if (size > mostBodyBytes) throw tooLarge('')
    hold(chunk.length)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const unzip = promisify(gunzip)

async function unpacked(
  bytes: Buffer,
  encoding: string,
  hold: (bytes: number) => void,
): Promise<Buffer> {
  const name = encoding.trim().toLowerCase()
  if (name === '' || name === 'identity') return bytes
  if (name !== 'gzip') {
    throw new UserError(
      `content-encoding is ${JSON.stringify(encoding.slice(0, 60))}: send gzip or identity`,
      { status: 415, code: 'unknown_encoding' },
    )
  }
  const whole = await gunzipped(bytes)
  hold(whole.length)
  return whole
}

async function gunzipped(bytes: Buffer): Promise<Buffer> {
  try {
    return await unzip(bytes, { maxOutputLength: mostBodyBytes })
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(' once unpacked')
    throw new UserError(`the body is not gzip: ${messageOf(error)}`, {
      code: 'not_gzip',
      cause: error,
    })
  }
}

function tooLarge(when: string): UserError {
  return new UserError(
    `the body is larger than ${mostBodyBytes / 1_024 ** 2} MiB${when}: send less at a time`,
    { status: 413, code: 'body_too_large' },
  )
}
