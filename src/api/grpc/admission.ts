// Who may export, decided before the message is read: strangers cost no memory, friends a bounded amount.
import { ServerInterceptingCall, type Metadata, type ServerInterceptor } from '@grpc/grpc-js'
import type { Config } from '../../config/schema.ts'
import { RetryableError, UserError } from '../../records/failure.ts'
import { isLoopback } from '../access/origin.ts'
import { mayAccess } from '../access/role-table.ts'
import { roleTooSmall, type TokenGate } from '../access/token-gate.ts'
import { bearerOf } from '../access/tokens.ts'
import { refusal, type Refusal } from './refusal.ts'

export interface AdmissionOptions {
  /** Holds the tokens; edits count from the next call on. */
  readonly config: () => Config
  readonly gate: TokenGate
  /** That it listens on. */
  readonly host: string
}

/** Bounds of calls whose message has not come yet: the library holds it in memory until it is whole. */
export interface Waiting {
  readonly mostCalls: number
  readonly longestMs: number
}

/** Lets a call through, or ends it with UNAUTHENTICATED, PERMISSION_DENIED, RESOURCE_EXHAUSTED or UNAVAILABLE. */
export function admission(options: AdmissionOptions, waiting: Waiting): ServerInterceptor {
  let underWay = 0
  return (_method, call) => {
    let release = nothing
    const refuse = (refused: Refusal) => call.sendStatus(refused)
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata(metadata, go) {
            const refused = refusedCaller(options, metadata, addressOf(call.getPeer()))
            if (refused !== null) return refuse(refused)
            if (underWay >= waiting.mostCalls) return refuse(refusal(tooMany()))
            underWay += 1
            const timer = setTimeout(() => refuse(refusal(tooSlow())), waiting.longestMs)
            release = () => {
              clearTimeout(timer)
              underWay -= 1
              release = nothing
            }
            go(metadata)
          },
          onReceiveMessage(message: unknown, go) {
            release()
            go(message)
          },
          onCancel: () => release(),
        }),
    })
  }
}

const nothing = () => {}

/** `null` = welcome. */
function refusedCaller(
  { config, gate, host }: AdmissionOptions,
  metadata: Metadata,
  address: string,
): Refusal | null {
  if (config().server.tokens.length === 0 && isLoopback(host)) return null
  const presented = bearerOf(metadata.get('authorization')[0]?.toString())
  if (presented === undefined) return refusal(missing())
  const seen = gate.look(address, presented)
  if (seen.kind === 'refused') return refusal(seen.error, seen.waitMs > 0 ? seen.waitMs : null)
  const { token } = seen
  return mayAccess('operator_or_ingest', token.role)
    ? null
    : refusal(roleTooSmall(token, 'operator_or_ingest'))
}

/** A peer is `address:port`, IPv6 in brackets. */
function addressOf(peer: string): string {
  return peer.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
}

function missing(): UserError {
  return new UserError('this needs a token: send "Bearer <token>" as metadata "authorization"', {
    status: 401,
    code: 'token_missing',
  })
}

function tooMany(): RetryableError {
  return new RetryableError('too many export requests at once: send this one again later')
}

function tooSlow(): RetryableError {
  return new RetryableError('the message did not come in time: send it again')
}
