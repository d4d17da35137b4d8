// From the bytes of an export request to its message.
import protobuf from 'protobufjs/minimal.js'
import { messageOf, UserError } from '../../../records/failure.ts'
import { createBudget, MalformedError, type Budget } from './decoding.ts'
import type { Message } from './message.ts'

/** The two encodings of OTLP over HTTP. */
export type Encoding = 'protobuf' | 'json'

/** Decodes a body; a `UserError` says what is wrong with it. No bytes at all are an empty request in protobuf. */
export function decodeRequest<Value>(
  type: Message<Value>,
  encoding: Encoding,
  bytes: Uint8Array,
): Value {
  const budget = createBudget()
  try {
    return encoding === 'json' ? fromJson(type, bytes, budget) : fromWire(type, bytes, budget)
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(complaint(error, encoding), { code: 'malformed', cause: error })
  }
}

function fromWire<Value>(type: Message<Value>, bytes: Uint8Array, budget: Budget): Value {
  return type.read(protobuf.Reader.create(bytes), budget)
}

function fromJson<Value>(type: Message<Value>, bytes: Uint8Array, budget: Budget): Value {
  const json: unknown = JSON.parse(new TextDecoder().decode(bytes))
  return type.parse(json, budget)
}

function complaint(error: unknown, encoding: Encoding): string {
  if (!(error instanceof MalformedError) || encoding === 'protobuf') {
    return `the body is not ${encoding === 'json' ? 'JSON' : 'an OTLP protobuf message'}: ${messageOf(error)}`
  }
  const path = error.path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`,
    )
    .join('')
  return `${path === '' ? 'the body' : path} ${error.message}`
}
