// Snappy's block format, as remote write uses it. Our own reader: the one on npm loops for ever on a literal whose
// length has its highest bit set, and takes an answer that is shorter than announced for whole.
import { UserError } from '../../records/failure.ts'

/**
 * The uncompressed bytes of a block. Nothing is allocated before the announced length is within bounds.
 * @param maxBytes largest uncompressed size; a larger one is refused with status 413
 * @param scratch where the answer lies if it fits, until the next call with the same one
 */
export function uncompressSnappy(block: Uint8Array, maxBytes: number, scratch?: Buffer): Buffer {
  const { value: length, at } = readLength(block)
  if (length > maxBytes) {
    throw new UserError(
      `the body is ${length} bytes once uncompressed, more than ${maxBytes}: send less at a time (queue_config.max_samples_per_send)`,
      { status: 413, code: 'body_too_large' },
    )
  }
  // A copy of 64 bytes takes 3, so no block grows more than that; what announces more is a trap.
  if (length > block.length * mostGrowth) throw malformed('announces more than its bytes can hold')
  const output =
    scratch !== undefined && length <= scratch.length
      ? scratch.subarray(0, length)
      : Buffer.allocUnsafe(length)
  const written = fill(output, block, at)
  if (written !== length) throw malformed(`holds ${written} bytes and announces ${length}`)
  return output
}

const mostGrowth = 22

function readLength(block: Uint8Array): { readonly value: number; readonly at: number } {
  let value = 0
  for (let at = 0; at < 5; at += 1) {
    const byte = block[at]
    if (byte === undefined) throw malformed('ends within its length')
    value += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) return { value, at: at + 1 }
  }
  throw malformed('has no readable length')
}

/** Writes every element; the answer is how many bytes they made. */
function fill(output: Buffer, block: Uint8Array, start: number): number {
  const state: State = {
    block,
    at: start,
    output,
    view: new DataView(output.buffer, output.byteOffset, output.byteLength),
    to: 0,
  }
  while (state.at < block.length) {
    const tag = block[state.at] ?? 0
    state.at += 1
    if ((tag & 3) === 0) addLiteral(state, tag >> 2)
    else addCopy(state, tag)
  }
  return state.to
}

interface State {
  readonly block: Uint8Array
  at: number
  readonly output: Buffer
  readonly view: DataView
  to: number
}

/** @param short length less one; from 60 on it says in how many bytes the length follows */
function addLiteral(state: State, short: number): void {
  const length = (short < 60 ? short : takeNumber(state, short - 59)) + 1
  const { block, at, output, to } = state
  if (length > block.length - at) throw malformed('ends within a literal')
  if (length > output.length - to) throw malformed('overflows')
  // Most are a few bytes, and a call into the engine costs more than those.
  if (length > 64) output.set(block.subarray(at, at + length), to)
  else for (let done = 0; done < length; done += 1) output[to + done] = block[at + done] ?? 0
  state.at += length
  state.to += length
}

function addCopy(state: State, tag: number): void {
  const kind = tag & 3
  const number = kind === 2 ? takeTwoBytes(state) : takeNumber(state, kind === 3 ? 4 : kind)
  const offset = kind === 1 ? number + ((tag >> 5) << 8) : number
  const length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
  const { output, view, to } = state
  if (offset === 0 || offset > to) throw malformed('refers to what is not there')
  if (length > output.length - to) throw malformed('overflows')
  const from = to - offset
  let done = 0
  // Four bytes at a time; a copy that overlaps what it writes repeats it, so closer ones go byte by byte.
  if (offset >= 4) {
    for (; done + 4 <= length; done += 4) {
      view.setInt32(to + done, view.getInt32(from + done, true), true)
    }
  }
  for (; done < length; done += 1) output[to + done] = output[from + done] ?? 0
  state.to += length
}

/** Fast path of `takeNumber`: most copies have such an offset. */
function takeTwoBytes(state: State): number {
  const { block, at } = state
  if (at + 2 > block.length) throw malformed('ends within an element')
  state.at += 2
  return (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8)
}

/** A little-endian number of so many bytes. */
function takeNumber(state: State, width: number): number {
  const { block, at } = state
  if (at + width > block.length) throw malformed('ends within an element')
  let value = 0
  for (let index = width - 1; index >= 0; index -= 1) value = value * 256 + (block[at + index] ?? 0)
  state.at += width
  return value
}

function malformed(reason: string): UserError {
  return new UserError(`the body is no snappy block: it ${reason}; send it snappy-compressed`, {
    code: 'malformed_body',
  })
}
