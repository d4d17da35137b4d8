// Attributes: values of any type, nested within bounds.
import { collected } from './fields.ts'
import { eachField, embedded, message, objectOf, type Field, type Message } from './message.ts'
import { within, type Budget } from './decoding.ts'
import { boolScalar, doubleScalar, textScalar, varint64Scalar, wireTypes } from './scalars.ts'

/** What an attribute may hold; bytes come as base64 text. */
export type AnyValue =
  | null
  | string
  | number
  | boolean
  | readonly AnyValue[]
  | { readonly [key: string]: AnyValue }

export type Attributes = ReadonlyMap<string, AnyValue>

/** A repeated `KeyValue`; of a key that comes twice the last value counts. */
export function attributes(number: number): Field<Attributes> {
  return collected(number, keyValue, {
    empty: () => new Map<string, AnyValue>(),
    add: (pairs, { key, value }) => pairs.set(key, value),
  })
}

const numbersOfAny = { text: 1, bool: 2, int: 3, double: 4, array: 5, map: 6, bytes: 7 } as const

export const anyValue: Message<AnyValue> = {
  read(reader, budget) {
    let value: AnyValue = null
    eachField(reader, budget, (number, wire) => {
      if (wire !== wireOfAny[number]) return false
      if (number === numbersOfAny.text) value = reader.string()
      else if (number === numbersOfAny.bool) value = reader.bool()
      else if (number === numbersOfAny.int) value = varint64Scalar.read(reader)
      else if (number === numbersOfAny.double) value = reader.double()
      else if (number === numbersOfAny.array) value = embedded(reader, budget, arrayValue).values
      else if (number === numbersOfAny.map) value = plainObject(embedded(reader, budget, mapValue))
      else value = Buffer.from(reader.bytes()).toString('base64')
      return true
    })
    return value
  },
  parse(json, budget) {
    const [kind, value] = Object.entries(objectOf(json)).find(isGiven) ?? ['', null]
    return within(kind, () => parsedAny(kind, value, budget))
  },
}

const isGiven = ([kind, value]: [string, unknown]) =>
  kind.endsWith('Value') && value !== null && value !== undefined

function parsedAny(kind: string, value: unknown, budget: Budget): AnyValue {
  switch (kind) {
    case 'stringValue':
    case 'bytesValue':
      return textScalar.parse(value)
    case 'boolValue':
      return boolScalar.parse(value)
    case 'intValue':
      return varint64Scalar.parse(value)
    case 'doubleValue':
      return doubleScalar.parse(value)
    case 'arrayValue':
      return budget.deeper(() => arrayValue.parse(value, budget)).values
    case 'kvlistValue':
      return plainObject(budget.deeper(() => mapValue.parse(value, budget)))
    default:
      return null
  }
}

const wireOfAny: Readonly<Record<number, number>> = {
  [numbersOfAny.text]: wireTypes.bytes,
  [numbersOfAny.bool]: wireTypes.varint,
  [numbersOfAny.int]: wireTypes.varint,
  [numbersOfAny.double]: wireTypes.fixed64,
  [numbersOfAny.array]: wireTypes.bytes,
  [numbersOfAny.map]: wireTypes.bytes,
  [numbersOfAny.bytes]: wireTypes.bytes,
}

/** `value` of a `KeyValue` and elements of an array: one more level each. */
const keyValue: Message<{ readonly key: string; readonly value: AnyValue }> = {
  read(reader, budget) {
    let key = ''
    let value: AnyValue = null
    eachField(reader, budget, (number, wire) => {
      if (wire !== wireTypes.bytes || number > 2) return false
      if (number === 1) key = reader.string()
      else value = embedded(reader, budget, anyValue)
      return true
    })
    return { key, value }
  },
  parse(json, budget) {
    const { key, value } = objectOf(json)
    return {
      key: key === undefined ? '' : within('key', () => textScalar.parse(key)),
      value:
        value === undefined || value === null
          ? null
          : within('value', () => budget.deeper(() => anyValue.parse(value, budget))),
    }
  },
}

const arrayValue = message({
  values: collected(1, anyValue, {
    empty: (): AnyValue[] => [],
    add: (values, value) => values.push(value),
  }),
})

const mapValue = message({ values: attributes(1) })

/** Own properties only, so that a key such as `__proto__` is a key like any other. */
function plainObject({ values }: { readonly values: Attributes }): AnyValue {
  return Object.fromEntries(values)
}
