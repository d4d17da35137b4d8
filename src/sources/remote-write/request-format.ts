import { UserError } from '../../records/failure.ts'

export interface WriteHeaders {
  readonly contentType: string | undefined
  readonly contentEncoding: string | undefined
}

/**
 * Version of a write request by its headers; a `UserError` with status 415 for anything else. Senders older than the
 * specification leave headers out, and then mean version 1.
 */
export function requestFormat({ contentType, contentEncoding }: WriteHeaders): 'v1' | 'v2' {
  if (!['', 'snappy'].includes((contentEncoding ?? '').trim().toLowerCase())) {
    throw unsupported(
      `content-encoding is ${quoted(contentEncoding)}, expected snappy (its block format)`,
    )
  }
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim())
  if (!['', 'application/x-protobuf'].includes(type.toLowerCase())) {
    throw unsupported(`content-type is ${quoted(contentType)}, expected application/x-protobuf`)
  }
  const named = parameters.find((parameter) => /^proto=/i.test(parameter))
  const message = named?.slice('proto='.length).replaceAll('"', '') ?? messages.v1
  if (message === messages.v1) return 'v1'
  if (message === messages.v2) return 'v2'
  throw unsupported(
    `content-type names the message ${quoted(message)}, expected ${messages.v1} or ${messages.v2}`,
  )
}

const messages = { v1: 'prometheus.WriteRequest', v2: 'io.prometheus.write.v2.Request' } as const

function unsupported(reason: string): UserError {
  return new UserError(reason, { status: 415, code: 'unsupported_format' })
}

function quoted(text: string | undefined): string {
  return JSON.stringify((text ?? '').slice(0, 100))
}
