// The bytes of label sets, numbered: senders repeat them in every request, so none becomes a string again.
import { randomInt } from 'node:crypto'

/** Label sets by their bytes: an open-addressing table over one arena. */
export class LabelTable {
  readonly #most: number
  readonly #mostBytes: number
  /** So that nobody outside can choose label sets that collide. */
  readonly #seed = randomInt(2 ** 32) | 0
  /** Number of the set plus one, by hash; 0 = free. */
  #places = new Int32Array(1_024)
  #hashes = new Int32Array(512)
  #starts = new Int32Array(512)
  #lengths = new Int32Array(512)
  #arena = new DataView(new ArrayBuffer(64 * 1_024))
  #arenaEnd = 0
  size = 0

  /** @param most label sets and @param mostBytes bytes of them that are kept at most */
  constructor(most: number, mostBytes: number) {
    this.#most = most
    this.#mostBytes = mostBytes
  }

  /** Number of the set that lies in these bytes; -1 = it is not known. */
  find(bytes: DataView, from: number, to: number): number {
    const hash = hashOf(bytes, from, to, this.#seed)
    const mask = this.#places.length - 1
    for (let probe = 0; probe < mostProbes; probe += 1) {
      const number = (this.#places[(hash + probe) & mask] ?? 0) - 1
      if (number === -1) return -1
      const isIt =
        this.#hashes[number] === hash &&
        this.#lengths[number] === to - from &&
        this.startsAt(number, bytes, from)
      if (isIt) return number
    }
    return -1
  }

  /** Bytes that a set takes; 0 = there is no such number. */
  lengthOf(number: number): number {
    return this.#lengths[number] ?? 0
  }

  /** Whether the bytes of a set stand at a position. */
  startsAt(number: number, bytes: DataView, from: number): boolean {
    const length = this.#lengths[number] ?? 0
    const start = this.#starts[number] ?? 0
    if (from + length > bytes.byteLength) return false
    const arena = this.#arena
    const words = length & ~3
    for (let at = 0; at < words; at += 4) {
      if (arena.getInt32(start + at, true) !== bytes.getInt32(from + at, true)) return false
    }
    for (let at = words; at < length; at += 1) {
      if (arena.getUint8(start + at) !== bytes.getUint8(from + at)) return false
    }
    return true
  }

  /** The number that an unknown set gets; -1 = there is no room, and `clear` makes some. */
  add(bytes: DataView, from: number, to: number): number {
    const length = to - from
    if (this.size >= this.#most || this.#arenaEnd + length > this.#mostBytes) return -1
    if (2 * (this.size + 1) > this.#places.length) this.#widen()
    const number = this.size
    const hash = hashOf(bytes, from, to, this.#seed)
    if (!this.#place(hash, number)) return -1
    this.#reserve(length)
    for (let at = 0; at < length; at += 1) {
      this.#arena.setUint8(this.#arenaEnd + at, bytes.getUint8(from + at))
    }
    this.#hashes[number] = hash
    this.#starts[number] = this.#arenaEnd
    this.#lengths[number] = length
    this.#arenaEnd += length
    this.size += 1
    return number
  }

  /** Forgets every set. */
  clear(): void {
    this.#places.fill(0)
    this.#lengths.fill(0)
    this.#arenaEnd = 0
    this.size = 0
  }

  #place(hash: number, number: number): boolean {
    const mask = this.#places.length - 1
    for (let probe = 0; probe < mostProbes; probe += 1) {
      const place = (hash + probe) & mask
      if (this.#places[place] !== 0) continue
      this.#places[place] = number + 1
      return true
    }
    return false
  }

  /** Twice the places; a set that finds none there is met anew when it comes. */
  #widen(): void {
    this.#places = new Int32Array(2 * this.#places.length)
    const room = this.#places.length / 2
    this.#hashes = grown(this.#hashes, room)
    this.#starts = grown(this.#starts, room)
    this.#lengths = grown(this.#lengths, room)
    for (let number = 0; number < this.size; number += 1) {
      this.#place(this.#hashes[number] ?? 0, number)
    }
  }

  #reserve(bytes: number): void {
    const needed = this.#arenaEnd + bytes
    if (needed <= this.#arena.byteLength) return
    const larger = new Uint8Array(Math.max(needed, 2 * this.#arena.byteLength))
    larger.set(new Uint8Array(this.#arena.buffer))
    this.#arena = new DataView(larger.buffer)
  }
}

const mostProbes = 64

function grown(former: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length)
  larger.set(former)
  return larger
}

/** Four bytes at a time through multiplications, as MurmurHash2 does it. */
function hashOf(bytes: DataView, from: number, to: number, seed: number): number {
  let hash = seed ^ (to - from)
  const words = from + ((to - from) & ~3)
  for (let at = from; at < words; at += 4) {
    let word = Math.imul(bytes.getInt32(at, true), 0x5bd1e995)
    word = Math.imul(word ^ (word >>> 24), 0x5bd1e995)
    hash = Math.imul(hash, 0x5bd1e995) ^ word
  }
  for (let at = words; at < to; at += 1) hash = Math.imul(hash ^ bytes.getUint8(at), 0x5bd1e995)
  hash = Math.imul(hash ^ (hash >>> 13), 0x5bd1e995)
  return (hash ^ (hash >>> 15)) | 0
}
