// Damage that knows nothing of what it damages.
import { pick, type Dice } from './dice.ts'

type Damage = (bytes: Buffer, dice: Dice, other: Buffer) => Buffer

const damages: readonly Damage[] = [
  function flip(bytes, dice) {
    const flipped = Buffer.from(bytes)
    for (let times = dice(4); times >= 0; times -= 1) {
      const at = dice(flipped.length)
      if (at < flipped.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << dice(8))
    }
    return flipped
  },
  function overwrite(bytes, dice) {
    const written = Buffer.from(bytes)
    const at = dice(written.length)
    written.fill(
      pick(dice, [0, 0xff, 0x80, 0x7f, 0x0a, dice(256)]),
      at,
      Math.min(written.length, at + 1 + dice(12)),
    )
    return written
  },
  (bytes, dice) => bytes.subarray(0, dice(bytes.length)),
  (bytes, dice) => bytes.subarray(dice(bytes.length)),
  function cutOut(bytes, dice) {
    const at = dice(bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + dice(40))])
  },
  function double(bytes, dice) {
    const at = dice(bytes.length)
    const section = bytes.subarray(at, at + 1 + dice(200))
    return Buffer.concat([bytes.subarray(0, at), section, bytes.subarray(at)])
  },
  function splice(bytes, dice, other) {
    return Buffer.concat([
      bytes.subarray(0, dice(bytes.length)),
      other.subarray(dice(other.length)),
    ])
  },
  (bytes, dice) => Buffer.concat([bytes, randomBytes(dice, dice(64))]),
  (_, dice) => randomBytes(dice, dice(600)),
  (bytes, dice) => Buffer.concat(Array.from({ length: 1 + dice(6) }, () => bytes)),
  () => Buffer.alloc(0),
]

/** Bytes changed, cut out, doubled, cut off or made up. @param other a body to splice with */
export function damagedBytes(bytes: Buffer, dice: Dice, other: Buffer): Buffer {
  return pick(dice, damages)(bytes, dice, other)
}

export function randomBytes(dice: Dice, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => dice(256)))
}
