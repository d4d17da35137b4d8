// The kinds of field that OTLP's messages are made of.
import protobuf from 'protobufjs/minimal.js'
import { within, type Budget } from './decoding.ts'
import { arrayOf, embedded, type Field, type Message } from './message.ts'
import { wireTypes, type Scalar } from './scalars.ts'

const isBytes = (wire: number): boolean => wire === wireTypes.bytes

/** A scalar; its zero where it is not given. */
export function plain<Value>(number: number, scalar: Scalar<Value>): Field<Value> {
  return {
    number,
    initial: () => scalar.zero,
    accepts: (wire) => wire === scalar.wire,
    read: ({ reader }) => scalar.read(reader),
    parse: (json) => scalar.parse(json),
  }
}

/** A scalar that may be missing, as those with presence and those of a `oneof`; then `null`. */
export function optional<Value>(number: number, scalar: Scalar<Value>): Field<Value | null> {
  return { ...plain<Value | null>(number, scalar), initial: () => null }
}

/** A list of numbers, packed or not. */
export function numbers(number: number, scalar: Scalar<number>): Field<readonly number[]> {
  return {
    number,
    initial: () => [],
    accepts: (wire) => wire === scalar.wire || isBytes(wire),
    read({ reader, wire, budget }, so) {
      const part = isBytes(wire) ? protobuf.Reader.create(reader.bytes()) : reader
      const end = isBytes(wire) ? part.len : part.pos + 1
      const values: number[] = []
      while (part.pos < end) values.push(scalar.read(part))
      budget.spend(values.length)
      return so.length === 0 ? values : so.concat(values)
    },
    parse(json, budget) {
      const values = arrayOf(json)
      budget.spend(values.length)
      return values.map((value, index) => within(index, () => scalar.parse(value)))
    },
  }
}

/** A message that may be missing; then `null`. */
export function one<Value>(number: number, type: Message<Value>): Field<Value | null> {
  return {
    number,
    initial: () => null,
    accepts: isBytes,
    read: ({ reader, budget }) => embedded(reader, budget, type),
    parse: (json, budget) => budget.deeper(() => type.parse(json, budget)),
  }
}

/** A list of messages. */
export function list<Value>(number: number, type: Message<Value>): Field<readonly Value[]> {
  return collected(number, type, {
    empty: (): Value[] => [],
    add: (values, value) => values.push(value),
  })
}

/** Messages gathered into something: a list, a map. */
export function collected<Value, Into>(
  number: number,
  type: Message<Value>,
  into: { readonly empty: () => Into; readonly add: (into: Into, value: Value) => unknown },
): Field<Into> {
  const addParsed = (so: Into, json: unknown, budget: Budget) =>
    into.add(
      so,
      budget.deeper(() => type.parse(json, budget)),
    )
  return {
    number,
    initial: into.empty,
    accepts: isBytes,
    read({ reader, budget }, so) {
      budget.spend(1)
      into.add(so, embedded(reader, budget, type))
      return so
    },
    parse(json, budget) {
      const values = arrayOf(json)
      budget.spend(values.length)
      const so = into.empty()
      values.forEach((value, index) => within(index, () => addParsed(so, value, budget)))
      return so
    },
  }
}
