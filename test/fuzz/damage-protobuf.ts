// Damage to a protobuf message that keeps the rest of it sound.
import { brokenUtf8, nastyInteger, nastyNumber, nastyText } from './nasty.ts'
import { isRare, pick, type Dice } from './dice.ts'
import { copyOf, encode, placesOf, varint, type Node } from './protobuf-tree.ts'

type Place = ReturnType<typeof placesOf>[number]

/** Changes a place of the tree. @param donors nodes of other messages */
type Damage = (node: Node, place: Place, dice: Dice, donors: readonly Place[]) => void

const damages: readonly Damage[] = [
  (_, { list, at }) => void list.splice(at, 1),
  function repeat(node, { list, at }, dice) {
    const times = isRare(dice, 60) ? 1 + dice(3_000) : 1 + dice(5)
    const most = Math.ceil(mostAddedBytes / (1 + encode([node]).length))
    list.splice(at, 0, ...Array.from({ length: Math.min(times, most) }, () => node))
  },
  (node, { list }, dice) => void list.splice(dice(list.length), 0, node),
  function swap(_, { list, at }, dice, donors) {
    const donor = pick(dice, donors)
    const given = donor.list[donor.at]
    if (given !== undefined) list[at] = copyOf([given])[0] ?? given
  },
  (node, _, dice) => void (node.number = pick(dice, [0, 1, 2, 3, 15, 16, 19_000, 2 ** 29 - 1])),
  (node, _, dice) => void (node.number = 1 + dice(20)),
  (node, _, dice) => void (node.wire = dice(8)),
  lieAboutLength,
  lieAboutLength,
  changeScalar,
  changeScalar,
  changeScalar,
  nestDeeper,
  function fill(node, _, dice) {
    node.children = null
    node.wire = 2
    node.bytes = Buffer.alloc(dice(isRare(dice, 20) ? 100_000 : 300), pick(dice, [0, 0x0a, 0xff]))
  },
]

/** What one damage adds; the doors' own bounds are tried with bodies made for that. */
const mostAddedBytes = 1_000_000

/** The message with one to three of its places damaged. @param other a message to take parts from */
export function damagedTree(tree: readonly Node[], dice: Dice, other: readonly Node[]): Buffer {
  const damaged = copyOf(tree)
  const donors = donorsOf(other)
  for (let times = dice(3); times >= 0; times -= 1) {
    const places = placesOf(damaged)
    if (places.length === 0 || places.length > 20_000) break
    const place = pick(dice, places)
    const node = place.list[place.at]
    if (node !== undefined) pick(dice, damages)(node, place, dice, donors)
  }
  return encode(damaged)
}

const donorsByTree = new WeakMap<readonly Node[], readonly Place[]>()

/** Places of a sound message; nobody changes it, so they are looked up once. */
function donorsOf(tree: readonly Node[]): readonly Place[] {
  const known = donorsByTree.get(tree)
  if (known !== undefined) return known
  const places = placesOf(copyOf(tree))
  donorsByTree.set(tree, places)
  return places
}

function lieAboutLength(node: Node, _: Place, dice: Dice): void {
  const payload = node.children === null ? node.bytes : encode(node.children)
  const length = BigInt(payload.length)
  const lies = [
    varint(length + 1n),
    varint(length === 0n ? 5n : length - 1n),
    varint(2n ** 31n - 1n),
    varint(2n ** 32n - 1n),
    varint(2n ** 32n + length),
    varint(2n ** 63n),
    varint(-1n),
    // Longer than a number needs, and longer than it may be.
    Buffer.concat([Buffer.of(0x80 | Number(length & 0x7fn)), Buffer.of(0x80, 0x80, 0x00)]),
    Buffer.concat([Buffer.alloc(11, 0x80), Buffer.of(0x01)]),
    Buffer.alloc(0),
  ]
  if (node.wire !== 2) node.bytes = pick(dice, lies)
  else node.length = pick(dice, lies)
}

function changeScalar(node: Node, _: Place, dice: Dice): void {
  if (node.children !== null) return
  if (node.wire === 0) node.bytes = varint(nastyInteger(dice))
  else if (node.wire === 1) node.bytes = eightBytes(node, dice)
  else if (isRare(dice, 4)) node.bytes = brokenUtf8(dice)
  else if (node.type === 'text') node.bytes = Buffer.from(nastyText(dice))
  else node.bytes = packedNumbers(dice)
}

const staleMarker = Buffer.from('020000000000f07f', 'hex')

function eightBytes(node: Node, dice: Dice): Buffer {
  const bytes = Buffer.alloc(8)
  if (node.type === 'fixed64') bytes.writeBigUInt64LE(nastyInteger(dice))
  else if (isRare(dice, 8)) return staleMarker
  else bytes.writeDoubleLE(nastyNumber(dice))
  return bytes
}

/** Counts, bounds or references: many, none, broken off. */
function packedNumbers(dice: Dice): Buffer {
  const many = Array.from({ length: dice(isRare(dice, 20) ? 20_000 : 20) }, () =>
    isRare(dice, 5) ? varint(nastyInteger(dice)) : varint(BigInt(dice(12))),
  )
  return Buffer.concat(isRare(dice, 3) ? [...many, Buffer.of(0x80)] : many)
}

/** Wraps a message in itself: values in lists in values, or fields of its own number. */
function nestDeeper(node: Node, _: Place, dice: Dice): void {
  const levels = pick(dice, [1, 8, 31, 33, 200, isRare(dice, 60) ? 20_000 : 300])
  let payload = node.children === null ? node.bytes : encode(node.children)
  const tags = pick(dice, [
    [Buffer.of(0x0a), Buffer.of(0x2a)],
    [Buffer.of(0x0a), Buffer.of(0x12), Buffer.of(0x32)],
    [varint(BigInt(node.number * 8 + 2))],
  ])
  const parts: Buffer[] = []
  let size = payload.length
  for (let level = 0; level < levels; level += 1) {
    const head = Buffer.concat([tags[level % tags.length] ?? Buffer.of(0x0a), varint(BigInt(size))])
    parts.push(head)
    size += head.length
  }
  payload = Buffer.concat([...parts.toReversed(), payload])
  node.children = null
  node.wire = 2
  node.bytes = payload
}
