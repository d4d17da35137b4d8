// A message as a table of its fields: the same table reads protobuf and JSON.
import protobuf from 'protobufjs/minimal.js'
import { MalformedError, shown, within, type Budget } from './decoding.ts'
import { varint64Scalar, wireTypes } from './scalars.ts'

export type Reader = protobuf.Reader

/** One field of a message. */
export interface Field<Value> {
  readonly number: number
  readonly initial: () => Value
  /** Whether the field is written in this wire type; if not it is skipped, as an unknown field is. */
  accepts(wire: number): boolean
  /** @param so what was read of the field so far */
  read(input: { reader: Reader; wire: number; budget: Budget }, so: Value): Value
  parse(json: unknown, budget: Budget): Value
}

/** A type of message: whole readers hold one message. */
export interface Message<Value> {
  read(reader: Reader, budget: Budget): Value
  parse(json: unknown, budget: Budget): Value
}

type Fields = Readonly<Record<string, Field<unknown>>>

type ValueOf<Table extends Fields> = {
  readonly [Name in keyof Table]: Table[Name] extends Field<infer Value> ? Value : never
}

/** A message with these fields, under their JSON names; every field has a value, unknown ones are ignored. */
export function message<Table extends Fields>(fields: Table): Message<ValueOf<Table>> {
  const entries = Object.entries(fields)
  const byNumber = new Map(entries.map(([name, field]) => [field.number, { name, field }]))
  const initial = () => {
    const value: Record<string, unknown> = {}
    for (const [name, field] of entries) value[name] = field.initial()
    return value
  }
  // Every name has a value of its own field's type: that is what `ValueOf` says.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  const typed = (value: Record<string, unknown>) => value as ValueOf<Table>
  return {
    read(reader, budget) {
      const value = initial()
      eachField(reader, budget, (number, wire) => {
        const entry = byNumber.get(number)
        if (entry === undefined || !entry.field.accepts(wire)) return false
        value[entry.name] = entry.field.read({ reader, wire, budget }, value[entry.name])
        return true
      })
      return typed(value)
    },
    parse(json, budget) {
      const source = objectOf(json)
      const value = initial()
      for (const [name, field] of entries) {
        const given = source[name]
        if (given === undefined || given === null) continue
        value[name] = within(name, () => field.parse(given, budget))
      }
      return typed(value)
    },
  }
}

/**
 * Walks a message to the reader's end.
 * @param take reads the field's value, or answers false to have it skipped
 */
export function eachField(
  reader: Reader,
  budget: Budget,
  take: (number: number, wire: number) => boolean,
): void {
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    const number = tag >>> 3
    if ((tag & 7) === wireTypes.bytes) checkLength(reader)
    if (number === 0) throw new MalformedError('holds a field with number 0')
    if (take(number, tag & 7)) continue
    budget.passOver()
    skip(reader, tag & 7)
  }
}

/** The embedded message at the reader's position, by itself: nothing in it can reach past its end. */
export function embedded<Value>(reader: Reader, budget: Budget, type: Message<Value>): Value {
  const part = protobuf.Reader.create(reader.bytes())
  return budget.deeper(() => type.read(part, budget))
}

/** A JSON object, or a complaint. */
export function objectOf(json: unknown): Readonly<Record<string, unknown>> {
  if (isObject(json)) return json
  throw new MalformedError(`is ${shown(json)}, expected an object`)
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

/** A JSON array, or a complaint. */
export function arrayOf(json: unknown): readonly unknown[] {
  if (Array.isArray(json)) return json
  throw new MalformedError(`is ${shown(json)}, expected an array`)
}

/** The library reads 32 bits of a length and forgets the rest: 2^32 + 5 would be taken for 5. */
function checkLength({ buf, pos, len }: Reader): void {
  // Fast path: nearly all are a byte long.
  if ((buf[pos] ?? 0) < 0x80) return
  const last = buf[pos + 4] ?? 0
  const isFive = pos + 4 < len && [0, 1, 2, 3].every((at) => (buf[pos + at] ?? 0) >= 0x80)
  if (isFive && last > 0x0f) {
    throw new MalformedError('holds a length that is longer than any body')
  }
}

function skip(reader: Reader, wire: number): void {
  // The library's own skipping goes on for as long as a number does.
  if (wire === wireTypes.varint) varint64Scalar.read(reader)
  else if (wire === wireTypes.fixed64) reader.skip(8)
  else if (wire === wireTypes.bytes) reader.skip(reader.uint32())
  else if (wire === wireTypes.fixed32) reader.skip(4)
  else throw new MalformedError(`holds wire type ${wire}, which OTLP does not use`)
}
