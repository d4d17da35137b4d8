// A protobuf message as a tree that can be damaged where it hurts: lengths, numbers, types and all.
import type { FieldShape, Shape } from './shapes.ts'

export interface Node {
  number: number
  /** Wire type 0 to 7, those that do not exist included. */
  wire: number
  /** Payload of a scalar, without the length in front. */
  bytes: Buffer
  /** `null` = a scalar. */
  children: Node[] | null
  readonly type: FieldShape['type'] | null
  /** Written in place of the true length, when it lies. */
  length: Buffer | null
}

/** Encodes a message. */
export function encode(nodes: readonly Node[]): Buffer {
  return Buffer.concat(
    nodes.flatMap((node) => {
      const payload = node.children === null ? node.bytes : encode(node.children)
      const tag = varint(BigInt(node.number) * 8n + BigInt(node.wire))
      if (node.wire !== 2) return [tag, payload]
      return [tag, node.length ?? varint(BigInt(payload.length)), payload]
    }),
  )
}

/** The tree of a sound message. */
export function treeOf(bytes: Buffer, shape: Shape): Node[] {
  const nodes: Node[] = []
  const byNumber = new Map(Object.values(shape).map((one) => [one.number, one.type]))
  for (let at = 0; at < bytes.length;) {
    const tag = readVarint(bytes, at)
    const number = Number(tag.value >> 3n)
    const wire = Number(tag.value & 7n)
    const [from, to] = payloadOf(bytes, tag.end, wire)
    const payload = bytes.subarray(from, to)
    const type = byNumber.get(number) ?? null
    const children = wire === 2 && typeof type === 'function' ? treeOf(payload, type()) : null
    nodes.push({ number, wire, bytes: payload, children, type, length: null })
    at = to
  }
  return nodes
}

/** Every node, with the list that holds it. */
export function placesOf(nodes: Node[]): { readonly list: Node[]; readonly at: number }[] {
  return nodes.flatMap((node, at) => [
    { list: nodes, at },
    ...(node.children === null ? [] : placesOf(node.children)),
  ])
}

/** A copy that can be damaged by itself. */
export function copyOf(nodes: readonly Node[]): Node[] {
  return nodes.map((node) => ({
    ...node,
    children: node.children === null ? null : copyOf(node.children),
  }))
}

/** LEB128 of 64 bits, two's complement. */
export function varint(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  return Buffer.from([...bytes, Number(rest)])
}

function payloadOf(bytes: Buffer, at: number, wire: number): [from: number, to: number] {
  if (wire === 0) return [at, readVarint(bytes, at).end]
  if (wire === 1) return [at, at + 8]
  if (wire === 5) return [at, at + 4]
  const length = readVarint(bytes, at)
  return [length.end, length.end + Number(length.value)]
}

function readVarint(bytes: Buffer, start: number): { value: bigint; end: number } {
  let value = 0n
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0
    value |= BigInt(byte & 0x7f) << BigInt(7 * (at - start))
    if (byte < 0x80) return { value, end: at + 1 }
  }
  throw new Error('a seed of the corpus is no message')
}
