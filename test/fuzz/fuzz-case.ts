// One case: a damaged body, how it is packed and announced, and what may become of it.
import { gunzipSync, gzipSync } from 'node:zlib'
import { snappy } from '../../src/sources/remote-write/test-messages.ts'
import { seeds, seedsByDoor, type Door, type Seed } from './corpus.ts'
import { damagedBytes, randomBytes } from './damage-bytes.ts'
import { damagedJson } from './damage-json.ts'
import { damagedPage } from './damage-page.ts'
import { damagedTree } from './damage-protobuf.ts'
import { diceOfCase, isRare, pick, type Dice } from './dice.ts'
import { encode } from './protobuf-tree.ts'
import { jsonSoundness, protobufSoundness, type Soundness } from './soundness.ts'

export interface FuzzCase {
  readonly door: Door
  readonly form: Seed['form']
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly soundness: Soundness
}

/** The case of this number; the same seed and number make the same case. */
export function fuzzCase(seed: number, index: number): FuzzCase {
  const dice = diceOfCase(seed, index)
  const start = pick(dice, pick(dice, seedsByDoor))
  const { bytes, soundness } = damaged(start, dice)
  const { door, form } = start
  if (form === 'page') return { door, form, headers: pageHeaders(dice), body: bytes, soundness }
  const packed =
    door === 'write'
      ? snappyPacked(bytes, soundness, dice)
      : gzipPacked(bytes, door, { soundness, dice })
  return { door, form, ...announced(start, packed, dice) }
}

interface Damaged {
  readonly bytes: Buffer
  readonly soundness: Soundness
}

function damaged(seed: Seed, dice: Dice): Damaged {
  const bytes = damagedSeed(seed, dice)
  if (seed.form === 'protobuf') return { bytes, soundness: protobufSoundness(bytes, seed.shape) }
  return { bytes, soundness: seed.form === 'json' ? jsonSoundness(bytes) : pageSoundness(bytes) }
}

/** Four of five are damaged by someone who knows the format. */
function damagedSeed(seed: Seed, dice: Dice): Buffer {
  if (isRare(dice, 5)) return damagedBytes(plain(seed), dice, plain(pick(dice, seeds)))
  if (seed.form === 'json') return Buffer.from(damagedJson(seed.json, dice))
  if (seed.form === 'page') return Buffer.from(damagedPage(seed.text, dice))
  const other = pick(dice, seeds)
  return damagedTree(seed.tree, dice, other.form === 'protobuf' ? other.tree : seed.tree)
}

function plain(seed: Seed): Buffer {
  if (seed.form === 'protobuf') return encode(seed.tree)
  return Buffer.from(seed.form === 'json' ? JSON.stringify(seed.json) : seed.text)
}

/** A page without a line that begins like a metric holds no reading. */
function pageSoundness(bytes: Buffer): Soundness {
  return /^[ \t]*[a-zA-Z_:]/m.test(bytes.toString('utf8')) ? 'arguable' : 'broken'
}

interface Packed extends Damaged {
  readonly encoding: string
}

const mebibyte = 2 ** 20

const blanks = gzipSync(Buffer.alloc(mebibyte, ' '))

/** Small to send, large to hold: just below the bound of an unpacked body, and beyond it. */
const bombs: readonly Buffer[] = [19, 21, 300].map((size) =>
  // Members one after another are one body.
  Buffer.concat(Array.from({ length: size }, () => blanks)),
)

function gzipPacked(
  bytes: Buffer,
  door: Door,
  { soundness, dice }: { readonly soundness: Soundness; readonly dice: Dice },
): Packed {
  // The doors of rows take no packed bodies.
  const kind = door === 'calls' || door === 'scores' ? 0 : dice(12)
  if (kind < 8) return { bytes, soundness, encoding: '' }
  const packed = gzipSync(bytes, { level: 1 })
  if (kind < 10) return { bytes: packed, soundness, encoding: 'gzip' }
  if (isRare(dice, 150)) return bomb(dice)
  const other = pick(dice, [
    () => damagedBytes(packed, dice, packed),
    () => gzipSync(packed),
    () => bytes,
    () => Buffer.concat([packed, packed]),
  ])()
  const isSame = isUnpackedAs(other, bytes)
  return { bytes: other, soundness: isSame ? soundness : unpackable(other), encoding: 'gzip' }
}

/** Blanks are no JSON, but as protobuf they are fields that nobody knows. */
function bomb(dice: Dice): Packed {
  const size = dice(bombs.length)
  const bytes = bombs[size] ?? blanks
  return { bytes, soundness: size === 0 ? 'arguable' : 'broken', encoding: 'gzip' }
}

function isUnpackedAs(packed: Buffer, bytes: Buffer): boolean {
  try {
    return gunzipSync(packed).equals(bytes)
  } catch {
    return false
  }
}

function unpackable(packed: Buffer): Soundness {
  try {
    gunzipSync(packed)
    return 'arguable'
  } catch {
    return 'broken'
  }
}

function snappyPacked(bytes: Buffer, soundness: Soundness, dice: Dice): Packed {
  // What is well-formed may still be refused for what it says.
  const inner = soundness === 'broken' ? 'broken' : 'arguable'
  const packed = snappy(bytes)
  const kind = dice(12)
  if (kind < 9) return { bytes: packed, soundness: inner, encoding: 'snappy' }
  const other = pick(dice, [
    () => damagedBytes(packed, dice, packed),
    () => bytes,
    () => Buffer.concat([Buffer.of(0xff, 0xff, 0xff, 0xff, dice(32)), packed]),
    () => Buffer.concat([Buffer.of(0x80 | dice(128), 0x80 | dice(128), dice(128)), packed]),
    () => Buffer.concat([Buffer.of(0xff, 0xff, 0x7f, 0xfc), randomBytes(dice, 5), packed]),
    () => copies(dice),
  ])()
  return { bytes: other, soundness: 'arguable', encoding: 'snappy' }
}

/** A literal and then nothing but copies of it: the most that a block can unfold into. */
function copies(dice: Dice): Buffer {
  const count = dice(isRare(dice, 100) ? 400_000 : 2_000)
  const length = 1 + 64 * count
  const head = [length & 0x7f, (length >> 7) & 0x7f, (length >> 14) & 0x7f, (length >> 21) & 0x7f]
  const size = Buffer.from([...head.slice(0, 3).map((one) => one | 0x80), head[3] ?? 0])
  const copy = Buffer.of(0xfe, 1, 0)
  return Buffer.concat([
    size,
    Buffer.of(0, pick(dice, [0, 0x0a, 0x22])),
    Buffer.alloc(3 * count, copy),
  ])
}

const types: Readonly<Record<Seed['form'], string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
  page: 'text/plain',
}

const wrongTypes = [
  '',
  'text/plain',
  'application/octet-stream',
  'multipart/form-data',
  '*/*',
  'application/x-protobuf2',
  '\u00ff',
]

function announced(
  seed: Seed,
  packed: Packed,
  dice: Dice,
): Pick<FuzzCase, 'headers' | 'body' | 'soundness'> {
  const { bytes: body, soundness, encoding } = packed
  const type = typeOf(seed, dice)
  // Of rows that stand each by itself some may be good.
  if (type === ndjson) return { headers: { 'content-type': type }, body, soundness: 'arguable' }
  const headers = {
    'content-type': type,
    ...(encoding === '' ? {} : { 'content-encoding': encoding }),
  }
  if (!isRare(dice, 25)) return { headers, body, soundness }
  const swap = dice(3)
  if (swap === 0) {
    const wrong = pick(dice, wrongTypes)
    // Old senders of remote write announce nothing.
    const verdict = wrong === '' && seed.door === 'write' ? 'arguable' : 'broken'
    return { headers: { ...headers, 'content-type': wrong }, body, soundness: verdict }
  }
  if (swap === 1 && seed.door !== 'calls' && seed.door !== 'scores') {
    const wrong = pick(dice, ['br', 'deflate', 'zstd', 'gzip, gzip', 'x'])
    return { headers: { ...headers, 'content-encoding': wrong }, body, soundness: 'broken' }
  }
  const other = seed.form === 'json' ? types.protobuf : types.json
  return { headers: { ...headers, 'content-type': other }, body, soundness: 'arguable' }
}

const ndjson = 'application/x-ndjson'

function typeOf({ door, form, ...seed }: Seed, dice: Dice): string {
  if (door === 'write' && 'shape' in seed && 'symbols' in seed.shape) {
    return `${types.protobuf};proto=io.prometheus.write.v2.Request`
  }
  if (door === 'calls' && isRare(dice, 3)) return ndjson
  return types[form]
}

function pageHeaders(dice: Dice): Record<string, string> {
  const type = pick(dice, [
    'text/plain; version=0.0.4',
    'text/plain',
    'application/openmetrics-text; version=1.0.0',
    '',
    'text/html',
    'application/vnd.google.protobuf',
  ])
  return isRare(dice, 30)
    ? { 'content-type': type, 'content-encoding': 'gzip' }
    : { 'content-type': type }
}
