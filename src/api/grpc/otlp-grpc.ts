// OTLP over gRPC: the same receiver as over HTTP behind another door.
import {
  logVerbosity,
  Server,
  setLogVerbosity,
  ServerCredentials,
  type handleUnaryCall,
  type MethodDefinition,
  type sendUnaryData,
} from '@grpc/grpc-js'
import { messageOf, RetryableError, UserError } from '../../records/failure.ts'
import { mostBodyBytes } from '../../sources/otlp/body.ts'
import { successAnswer, type Signal } from '../../sources/otlp/wire/export-answer.ts'
import type { SharedParts } from '../app.ts'
import { isLoopback } from '../access/origin.ts'
import type { ApiContext } from '../context.ts'
import { listenError } from '../listen-error.ts'
import { requestSeconds } from '../prometheus/own-metrics.ts'
import { admission, type Waiting } from './admission.ts'
import { refusal } from './refusal.ts'

export interface OtlpGrpc {
  readonly host: string
  readonly port: number
  /** Lets exports under way finish for a moment, then stops listening. */
  close(): Promise<void>
}

/** How long an export under way may take at close. */
const graceMs = 2_000

const defaultWaiting: Waiting = { mostCalls: 32, longestMs: 30_000 }

/**
 * Listens on `server.otlpGrpc`; `null` when that is not set. A `UserError` says why when it cannot.
 * @param waiting bounds of exports whose message is still on its way
 */
export async function startOtlpGrpc(
  context: ApiContext,
  shared: SharedParts,
  waiting: Waiting = defaultWaiting,
): Promise<OtlpGrpc | null> {
  const { otlpGrpc, tokens } = context.config().server
  if (otlpGrpc === undefined) return null
  const { host, port } = otlpGrpc
  if (!isLoopback(host) && tokens.length === 0) {
    throw new UserError(
      `server.otlpGrpc.host is ${host}, which other machines can reach, and server.tokens is empty: add a token, or listen on 127.0.0.1`,
    )
  }
  // What goes wrong is told here, in our own words.
  setLogVerbosity(logVerbosity.NONE)
  const server = new Server({
    // A message is measured as sent and once unpacked.
    'grpc.max_receive_message_length': mostBodyBytes,
    'grpc.max_concurrent_streams': 100,
    interceptors: [admission({ config: context.config, gate: shared.gate, host }, waiting)],
  })
  for (const signal of signals) {
    server.addService(
      { Export: methodOf(signal) },
      { Export: exportHandler(signal, context, shared) },
    )
  }
  return { host, port: await bound(server, host, port), close: async () => await closed(server) }
}

const signals: readonly Signal[] = ['traces', 'metrics', 'logs']

const services: Readonly<Record<Signal, string>> = {
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
}

/** Messages are left as bytes: the receiver has its own bounded decoder. */
function methodOf(signal: Signal): MethodDefinition<Buffer, Buffer> {
  return {
    path: `/${services[signal]}/Export`,
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  }
}

function exportHandler(
  signal: Signal,
  context: ApiContext,
  shared: SharedParts,
): handleUnaryCall<Buffer, Buffer> {
  const route = `/${services[signal]}/Export`
  const answered = async (bytes: Buffer, callback: sendUnaryData<Buffer>) => {
    const done = requestSeconds.startTimer({ route, method: 'GRPC' })
    try {
      const answer = await received(signal, bytes, shared)
      done({ status: '0' })
      callback(null, answer)
    } catch (error) {
      const refused = refusal(error)
      logRefusal(context, route, error)
      done({ status: String(refused.code) })
      callback(refused)
    }
  }
  return (call, callback) => void answered(call.request, callback)
}

async function received(
  signal: Signal,
  bytes: Buffer,
  { otlp: { memory, receiver } }: SharedParts,
): Promise<Buffer> {
  memory.take(bytes.length)
  try {
    const outcome = await receiver.receive(signal, 'protobuf', bytes)
    return Buffer.from(successAnswer(signal, 'protobuf', outcome).body)
  } finally {
    memory.release(bytes.length)
  }
}

/** The user's own mistakes are told to the user; what is ours, or may pass, is for the log too. */
function logRefusal({ log }: ApiContext, path: string, error: unknown): void {
  if (error instanceof UserError) return
  const fields = { path, reason: messageOf(error) }
  if (error instanceof RetryableError) log.warn(fields, 'An export was put off.')
  else log.error(fields, 'An export failed.')
}

const same = (bytes: Buffer) => bytes

async function bound(server: Server, host: string, port: number): Promise<number> {
  const address = `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`
  return await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, taken) => {
      if (error === null) return resolve(taken)
      // The library tells the cause in words only.
      const code = /name resolution/i.test(error.message)
        ? 'ENOTFOUND'
        : (/\bE[A-Z]{3,}\b/.exec(error.message)?.[0] ?? '')
      reject(listenError(error, code, { host, port, section: 'server.otlpGrpc' }))
    })
  })
}

async function closed(server: Server): Promise<void> {
  const timer = setTimeout(() => server.forceShutdown(), graceMs)
  // It only ever fails with "not running", which is what is wanted.
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
  clearTimeout(timer)
}
