// OTLP over gRPC as exporters rely on it: statuses, limits, compression, retries.
import { Client, Metadata, compressionAlgorithms, credentials, status } from '@grpc/grpc-js'
import type { ServiceError } from '@grpc/grpc-js'
import protobuf from 'protobufjs/minimal.js'
import { connect } from 'node:http2'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RetryableError } from '../../records/failure.ts'
import { sharedParts } from '../app.ts'
import { startTestReceiver, type TestReceiver } from '../routes/otlp-fixture.ts'
import { testConfig, testContext } from '../test-context.ts'
import { startOtlpGrpc } from './otlp-grpc.ts'

const services = {
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
} as const

type Signal = keyof typeof services

let receiver: TestReceiver
let client: Client

const clientOf = (port: number | null, gzip = false) =>
  new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
    ...(gzip ? { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip } : {}),
  })

beforeEach(async () => {
  receiver = await startTestReceiver(withGrpc)
  client = clientOf(receiver.grpcPort)
})

afterEach(async () => {
  client.close()
  await receiver.close()
})

const withGrpc: Parameters<typeof startTestReceiver>[0] = (config) => ({
  ...config,
  server: { ...config.server, otlpGrpc: { host: '127.0.0.1', port: 0 } },
})

interface Answer {
  readonly code: number
  readonly details: string
  readonly metadata: Metadata | null
  readonly body: Buffer
}

async function send(
  signal: Signal,
  bytes: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  by = client,
): Promise<Answer> {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
  return await new Promise((resolve) => {
    by.makeUnaryRequest<Buffer, Buffer>(
      `/${services[signal]}/Export`,
      same,
      same,
      Buffer.from(bytes),
      metadata,
      (error: ServiceError | null, body?: Buffer) =>
        resolve({
          code: error?.code ?? status.OK,
          details: error?.details ?? '',
          metadata: error?.metadata ?? null,
          body: body ?? Buffer.alloc(0),
        }),
    )
  })
}

const same = (buffer: Buffer) => buffer

/** One span of an inference. */
function oneSpan(spanId = 'eee19b7ec3c1b174'): Uint8Array {
  const startNs = BigInt(Date.now() - 1_000) * 1_000_000n
  const writer = protobuf.Writer.create()
  writer.uint32(0x0a).fork().uint32(0x12).fork().uint32(0x12).fork()
  writer.uint32(0x0a).bytes(Buffer.from('5b8efff798038103d269b633813fc60c', 'hex'))
  writer.uint32(0x12).bytes(Buffer.from(spanId, 'hex'))
  fixed64(writer.uint32(0x39), startNs)
  fixed64(writer.uint32(0x41), startNs + 500_000_000n)
  writer.uint32(0x4a).fork().uint32(0x0a).string('gen_ai.request.model')
  writer.uint32(0x12).fork().uint32(0x0a).string('a').ldelim().ldelim()
  return writer.ldelim().ldelim().ldelim().finish()
}

/** Two halves, the lower one first. */
function fixed64(writer: protobuf.Writer, value: bigint): void {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  for (const half of [0, 4]) writer.fixed32(bytes.readUInt32LE(half))
}

/** Code, message and milliseconds of RetryInfo from `grpc-status-details-bin`. */
function detailsOf(answer: Answer): { code: number; message: string; retryMs: number | null } {
  const [bytes] = answer.metadata?.get('grpc-status-details-bin') ?? []
  if (!Buffer.isBuffer(bytes)) throw new Error('there are no details')
  const fields = fieldsOf(bytes)
  const any = fields.get(3)
  return {
    code: Number(fields.get(1)),
    message: String(fields.get(2)),
    retryMs: Buffer.isBuffer(any) ? retryOf(any) : null,
  }
}

function retryOf(any: Buffer): number {
  const outer = fieldsOf(any)
  expect(String(outer.get(1))).toBe('type.googleapis.com/google.rpc.RetryInfo')
  const retryInfo = fieldsOf(asBytes(outer.get(2)))
  const duration = fieldsOf(asBytes(retryInfo.get(1)))
  return Number(duration.get(1) ?? 0) * 1_000 + Number(duration.get(2) ?? 0) / 1e6
}

function asBytes(value: unknown): Buffer {
  if (!Buffer.isBuffer(value)) throw new Error('not a message')
  return value
}

/** Varints and length-delimited fields of a message. */
function fieldsOf(bytes: Buffer): Map<number, number | Buffer> {
  const reader = protobuf.Reader.create(bytes)
  const fields = new Map<number, number | Buffer>()
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    fields.set(tag >>> 3, (tag & 7) === 0 ? reader.uint32() : Buffer.from(reader.bytes()))
  }
  return fields
}

describe.each(['traces', 'metrics', 'logs'] as const)('%s', (signal) => {
  test('nothing at all is a success', async () => {
    const answer = await send(signal, new Uint8Array())
    expect([answer.code, answer.body.length]).toEqual([status.OK, 0])
  })

  test('bytes that are no request are refused for good', async () => {
    const answer = await send(signal, new Uint8Array([0x0a, 0x7f, 1]))
    expect(answer.code).toBe(status.INVALID_ARGUMENT)
    expect(answer.details).toContain('not an OTLP protobuf message')
    expect(detailsOf(answer)).toEqual({
      code: status.INVALID_ARGUMENT,
      message: answer.details,
      retryMs: null,
    })
  })
})

test('what unfolds into too much is refused for good', async () => {
  const many = new Uint8Array(4 * 1_024 * 1_024)
  for (let at = 0; at < many.length; at += 2) many[at] = 0x0a
  const answer = await send('traces', many)
  expect(answer.code).toBe(status.RESOURCE_EXHAUSTED)
  expect(answer.details).toContain('more than 1000000 values')
  expect(detailsOf(answer).retryMs).toBeNull()
})

test('what is too large is refused before and after it is unpacked', async () => {
  const large = new Uint8Array(21 * 1_024 * 1_024)
  const plain = await send('traces', large)
  expect([plain.code, plain.details]).toEqual([
    status.RESOURCE_EXHAUSTED,
    expect.stringContaining('larger than max'),
  ])
  const zipping = clientOf(receiver.grpcPort, true)
  const packed = await send('traces', large, {}, zipping)
  zipping.close()
  expect([packed.code, packed.details]).toEqual([
    status.RESOURCE_EXHAUSTED,
    expect.stringContaining('decompresses to a size larger'),
  ])
})

test('gzip is read, and the same span by HTTP is a retry', async () => {
  const zipping = clientOf(receiver.grpcPort, true)
  const span = oneSpan()
  expect((await send('traces', span, {}, zipping)).code).toBe(status.OK)
  zipping.close()
  const headers = { 'content-type': 'application/x-protobuf' }
  expect((await receiver.post('/v1/traces', span, headers)).status).toBe(200)
  expect(receiver.accepted.calls).toHaveLength(1)
})

test('partial success: the bad record costs itself only', async () => {
  // One log record of an evaluation without a name.
  const writer = protobuf.Writer.create()
  writer.uint32(0x0a).fork().uint32(0x12).fork().uint32(0x12).fork()
  writer.uint32(0x62).string('gen_ai.evaluation.result').ldelim().ldelim().ldelim()
  const answer = await send('logs', writer.finish())
  expect(answer.code).toBe(status.OK)
  const partial = fieldsOf(asBytes(fieldsOf(answer.body).get(1)))
  expect(partial.get(1)).toBe(1)
  expect(String(partial.get(2))).toContain('no gen_ai.evaluation.name')
})

test('what the spool refuses is put off with a time, and nothing is doubled when it comes again', async () => {
  receiver.refusals.push(new RetryableError('the disk is full', { retryAfterMs: 4_200 }))
  const refused = await send('traces', oneSpan())
  expect([refused.code, refused.details]).toEqual([status.UNAVAILABLE, 'the disk is full'])
  expect(detailsOf(refused)).toEqual({
    code: status.UNAVAILABLE,
    message: 'the disk is full',
    retryMs: 4_200,
  })
  for (let time = 0; time < 2; time += 1) {
    expect((await send('traces', oneSpan())).code).toBe(status.OK)
  }
  expect(receiver.accepted.calls).toHaveLength(1)
})

test('a fault of our own says nothing of our inside', async () => {
  receiver.refusals.push(new Error('secret path'))
  const answer = await send('traces', oneSpan())
  expect(answer.code).toBe(status.INTERNAL)
  expect(answer.details).not.toContain('secret')
})

test('another method is unimplemented', async () => {
  const answer = await new Promise<number>((resolve) => {
    client.makeUnaryRequest('/a.Service/Export', same, same, Buffer.alloc(0), (error) =>
      resolve(error?.code ?? status.OK),
    )
  })
  expect(answer).toBe(status.UNIMPLEMENTED)
})

describe('with tokens', () => {
  let guarded: TestReceiver
  let stranger: Client

  beforeEach(async () => {
    guarded = await startTestReceiver((config) => {
      const { server, ...rest } = withGrpc(config)
      const tokens = (['ingest', 'viewer', 'operator'] as const).map((role) => ({
        name: `the ${role}`,
        role,
        token: `${role}-0123456789`,
      }))
      return { ...rest, server: { ...server, tokens } }
    })
    stranger = clientOf(guarded.grpcPort)
  })

  afterEach(async () => {
    stranger.close()
    await guarded.close()
  })

  const ask = async (headers: Record<string, string>, bytes = new Uint8Array()) =>
    await send('traces', bytes, headers, stranger)

  test('each caller gets what its token allows', async () => {
    const codes = async (authorization: string) => (await ask({ authorization })).code
    expect((await ask({})).code).toBe(status.UNAUTHENTICATED)
    expect(await codes('Bearer nobody-0123456789')).toBe(status.UNAUTHENTICATED)
    expect(await codes('Bearer viewer-0123456789')).toBe(status.PERMISSION_DENIED)
    expect(await codes('Bearer ingest-0123456789')).toBe(status.OK)
    expect(await codes('bearer operator-0123456789')).toBe(status.OK)
    const told = await ask({ authorization: 'Bearer viewer-0123456789' })
    expect(told.details).toBe('"the viewer" has role viewer; this needs operator or above')
  })

  test('a stranger is refused before the message is looked at', async () => {
    const answer = await ask({}, new Uint8Array([0x0a, 0x7f, 1]))
    expect(answer.code).toBe(status.UNAUTHENTICATED)
  })

  test('guesses by gRPC and by HTTP add up, and are slowed', async () => {
    const headers = { 'content-type': 'application/json', authorization: 'Bearer guess-0123456789' }
    for (let guess = 0; guess < 3; guess += 1) await guarded.post('/v1/traces', '{}', headers)
    for (let guess = 0; guess < 2; guess += 1) await ask({ authorization: headers.authorization })
    const answer = await ask({ authorization: 'Bearer ingest-0123456789' })
    expect(answer.code).toBe(status.RESOURCE_EXHAUSTED)
    expect(detailsOf(answer).retryMs).toBeGreaterThan(0)
  })
})

test('on an address that others reach it wants tokens', async () => {
  const config = testConfig({ otlpGrpc: { host: '0.0.0.0', port: 0 } })
  const context = testContext({ config: () => config })
  await expect(startOtlpGrpc(context, sharedParts(context))).rejects.toThrow(
    /server\.otlpGrpc\.host is 0\.0\.0\.0.*server\.tokens is empty/,
  )
})

test('a port that is taken is told with its setting, and what listened already is closed', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await expect(
    startTestReceiver((config) => ({
      ...config,
      server: { ...config.server, otlpGrpc: { host: '127.0.0.1', port } },
    })),
  ).rejects.toThrow(
    `port ${port} on 127.0.0.1 is taken by another program: stop it, or set server.otlpGrpc.port`,
  )
  other.close()
})

test('without the setting nothing listens', async () => {
  const context = testContext({ config: () => testConfig({}) })
  expect(await startOtlpGrpc(context, sharedParts(context))).toBeNull()
})

describe('messages that do not come', () => {
  const context = testContext({
    config: () => testConfig({ otlpGrpc: { host: '127.0.0.1', port: 0 } }),
  })

  test('hold their place for a while only', async () => {
    const grpc = await startOtlpGrpc(context, sharedParts(context), { mostCalls: 9, longestMs: 1 })
    const { session, stream } = open(grpc?.port ?? 0)
    const [headers] = await once(stream, 'response')
    expect(headers).toMatchObject({ 'grpc-status': String(status.UNAVAILABLE) })
    session.destroy()
    await grpc?.close()
  })

  test('are bounded in number, and the place is free again', async () => {
    const longestMs = 600_000
    const grpc = await startOtlpGrpc(context, sharedParts(context), { mostCalls: 1, longestMs })
    const port = grpc?.port ?? 0
    const first = open(port)
    // The answer to a ping comes after the request before it has been seen.
    await new Promise((resolve) => first.session.ping(resolve))
    const asking = clientOf(port)
    expect((await send('traces', new Uint8Array(), {}, asking)).code).toBe(status.UNAVAILABLE)
    first.session.destroy()
    const unavailable: number = status.UNAVAILABLE
    let code = unavailable
    while (code === unavailable) {
      code = (await send('traces', new Uint8Array(), {}, asking)).code
    }
    expect(code).toBe(status.OK)
    asking.close()
    await grpc?.close()
  })
})

/** A call that sends its headers and nothing more. */
function open(port: number) {
  const session = connect(`http://127.0.0.1:${port}`)
  const stream = session.request({
    ':method': 'POST',
    ':path': `/${services.traces}/Export`,
    'content-type': 'application/grpc',
    te: 'trailers',
  })
  return { session, stream }
}
