import { once } from 'node:events'
import { connect } from 'node:net'
import pino from 'pino'
import { afterEach, describe, expect, test } from 'vitest'
import { RetryableError } from '../records/failure.ts'
import { unknownMachine } from './call-facts.ts'
import { startGateway } from './gateway.ts'
import type { Behaviour, Rig, RigOptions } from './gateway-fixture.ts'
import { listenDeaf } from './deaf-listener.ts'
import {
  ask,
  chunk,
  configOf,
  delta,
  done,
  end,
  good,
  head,
  startFaultServer,
  startRig,
  until,
  whole,
} from './gateway-fixture.ts'

const opened: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

async function rigOf(
  behaviours: Readonly<Record<string, Behaviour>>,
  options?: RigOptions,
): Promise<Rig> {
  const rig = await startRig(behaviours, options)
  opened.push(rig)
  return rig
}

const traceId = '0af7651916cd43dd8448eb211c80319c'

const chat = (model: string, more: object = {}) => ({
  model,
  messages: [{ role: 'user', content: 'hi' }],
  ...more,
})
const silent: Behaviour = () => {}
const streamsForEver: Behaviour = (socket) => {
  head(socket, 'text/event-stream')
  const timer = setInterval(() => chunk(socket, delta('x')), 10)
  socket.on('close', () => clearInterval(timer))
}

const twoCopies = (bad: string, url: string) => ({
  copies: [
    { id: 'bad', url: bad, node: 'n', gpus: [0] },
    { id: 'ok', url, node: 'n', gpus: [1] },
  ],
})

/** A port that nobody listens on. */
async function deadUrl(): Promise<string> {
  const server = await startFaultServer({})
  await server.close()
  return server.url
}

const goodAfter =
  (ms: number): Behaviour =>
  (socket, seen) =>
    void setTimeout(() => good(socket, seen), ms)

describe('a client that leaves', () => {
  const states: readonly (readonly [string, Behaviour, boolean, (rig: Rig) => boolean])[] = [
    ['while a stream has no head yet', silent, true, (rig) => rig.server.seen.length === 1],
    ['while an answer has no head yet', silent, false, (rig) => rig.server.seen.length === 1],
    [
      'after the head of a stream',
      (socket) => head(socket, 'text/event-stream'),
      true,
      (rig) => rig.server.seen.length === 1,
    ],
    [
      'in the middle of an answer',
      (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{'),
      false,
      (rig) => rig.server.seen.length === 1,
    ],
  ]

  test.each(states)('%s', async (_, does, stream, isThere) => {
    const rig = await rigOf({ m: does })
    const abort = new AbortController()
    const answer = ask(rig.url, { body: chat('m', { stream }), signal: abort.signal }).catch(
      () => 'left',
    )
    await until(() => isThere(rig))
    await new Promise((resolve) => setTimeout(resolve, 20))
    abort.abort()
    await answer
    await until(() => rig.server.seen[0]?.isClosed === true)
    const calls = await rig.recorded(1)
    expect(calls).toHaveLength(1)
    expect(calls[0]).toMatchObject({
      outcome: 'client_cancelled',
      status: 499,
      errorType: 'client_closed',
    })
    expect(rig.gateway.state()).toMatchObject({ leases: 0, open: 0 })
  })

  test('in the middle of a stream; what was generated is counted', async () => {
    const rig = await rigOf({ m: streamsForEver })
    const abort = new AbortController()
    const response = await fetch(`${rig.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(chat('m', { stream: true })),
      signal: abort.signal,
    })
    await response.body?.getReader().read()
    abort.abort()
    await until(() => rig.server.seen[0]?.isClosed === true)
    const [call] = await rig.recorded(1)
    expect(call).toMatchObject({ outcome: 'client_cancelled', status: 499, usageSource: 'counted' })
    expect(call?.completionTokens).toBeGreaterThan(0)
    expect(call?.ttftSeconds).toBeGreaterThan(0)
  })

  test('while it waits in the queue', async () => {
    const rig = await rigOf({ m: silent }, { component: { concurrency: 1 } })
    const first = new AbortController()
    const second = new AbortController()
    const answers = [first, second].map((abort) =>
      ask(rig.url, { body: chat('m'), signal: abort.signal }).catch(() => 'left'),
    )
    await until(() => rig.gateway.state().components['m']?.queued === 1)
    second.abort()
    await until(() => rig.gateway.state().components['m']?.queued === 0)
    expect(rig.server.seen).toHaveLength(1)
    first.abort()
    await Promise.all(answers)
    const calls = await rig.recorded(2)
    expect(calls.map((call) => [call.outcome, call.copy])).toEqual([
      ['client_cancelled', ''],
      ['client_cancelled', 'm-1'],
    ])
  })

  test('while the connection to the copy is being made', async () => {
    const deaf = await listenDeaf()
    const rig = await rigOf(
      { m: silent },
      {
        component: {
          connectTimeout: '5s',
          copies: [{ id: 'far', url: deaf.url, node: 'n', gpus: [0] }],
        },
      },
    )
    const abort = new AbortController()
    const answer = ask(rig.url, { body: chat('m'), signal: abort.signal }).catch(() => 'left')
    await until(() => rig.gateway.state().leases === 1)
    abort.abort()
    await answer
    expect(await rig.recorded(1)).toMatchObject([{ outcome: 'client_cancelled', copy: 'far' }])
    expect(rig.gateway.state().leases).toBe(0)
    deaf.close()
  })

  test('with a request that never ends, and nothing is left', async () => {
    const rig = await rigOf({ m: silent })
    const socket = connect(rig.gateway.port, '127.0.0.1')
    socket.write(
      'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"mod',
    )
    await until(() => rig.gateway.state().open === 1)
    socket.destroy()
    await until(() => rig.gateway.state().open === 0)
    expect(rig.server.seen).toEqual([])
  })

  test('by pipelining, with both requests under way', async () => {
    const rig = await rigOf({ m: silent })
    const socket = connect(rig.gateway.port, '127.0.0.1')
    const body = JSON.stringify(chat('m'))
    const one = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`
    socket.write(one + one)
    await until(() => rig.server.seen.length === 2)
    socket.destroy()
    await until(() => rig.server.seen.every((seen) => seen.isClosed))
    expect(await rig.recorded(2)).toHaveLength(2)
  })
})

describe('retry', () => {
  test('a copy that refuses connections is left alone; nobody notices', async () => {
    const server = await startFaultServer({ m: good })
    opened.push(server)
    const rig = await rigOf({ m: good }, { component: twoCopies(await deadUrl(), server.url) })
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => ask(rig.url, { body: chat('m') })),
    )
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200, 200])
    const calls = await rig.recorded(6)
    expect(new Set(calls.map((call) => call.copy))).toEqual(new Set(['ok']))
    expect(rig.gateway.state().components['m']?.copies.map((copy) => copy.isHealthy)).toEqual([
      false,
      true,
    ])
  })

  test('when every copy refuses, the answer names them and says when to come back', async () => {
    const dead = await deadUrl()
    const rig = await rigOf({ m: good }, { component: twoCopies(dead, dead) })
    const answer = await ask(rig.url, { body: chat('m') })
    expect([502, 503]).toContain(answer.status)
    const next = await ask(rig.url, { body: chat('m') })
    expect(next.status).toBe(503)
    expect(JSON.parse(next.body).error).toMatchObject({
      type: 'server_error',
      code: 'copies_unavailable',
    })
    expect(next.body).toContain('bad, ok')
    expect(Number(next.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    expect(Number(next.headers['retry-after-ms'])).toBeGreaterThan(0)
    expect((await rig.recorded(2)).map((call) => call.outcome)).toEqual([
      'upstream_error',
      'upstream_error',
    ])
  })

  test('a copy that does not answer the connect is given up after its time', async () => {
    const deaf = await listenDeaf()
    const copies = [{ id: 'far', url: deaf.url, node: 'n', gpus: [0] }]
    const rig = await rigOf({ m: good }, { component: { copies, connectTimeout: '200ms' } })
    const answer = await ask(rig.url, { body: chat('m') })
    expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([503, 'copies_unavailable'])
    expect(await rig.recorded(1)).toMatchObject([{ outcome: 'upstream_error', copy: 'far' }])
    deaf.close()
  })

  test('a connection that the server closed while idle is replaced; nobody notices', async () => {
    // Its second request on a connection is reset, as by a server whose keep-alive just ran out.
    const rig = await rigOf({
      m: (socket, seen) => (seen.priorOnSocket > 0 ? socket.resetAndDestroy() : good(socket, seen)),
    })
    for (let i = 0; i < 4; i += 1) {
      expect((await ask(rig.url, { body: chat('m') })).status).toBe(200)
    }
    expect(rig.server.seen.map((seen) => seen.priorOnSocket)).toEqual([0, 1, 0, 1, 0, 1, 0])
    expect(await rig.recorded(4)).toHaveLength(4)
  })

  test('a reset on a fresh connection is not repeated: the engine may have run it', async () => {
    const rig = await rigOf({ m: (socket) => void socket.resetAndDestroy() })
    expect((await ask(rig.url, { body: chat('m') })).status).toBe(502)
    expect(rig.server.seen).toHaveLength(1)
  })
})

describe('admission', () => {
  test('a full queue is 429, a wait too long is 503, both as OpenAI errors with a time', async () => {
    const rig = await rigOf(
      { m: silent },
      { component: { concurrency: 1, queue: 1, queueTimeout: '150ms' } },
    )
    const abort = new AbortController()
    const running = ask(rig.url, { body: chat('m'), signal: abort.signal }).catch(() => 'left')
    await until(() => rig.gateway.state().leases === 1)
    const [queued, full] = await Promise.all([
      ask(rig.url, { body: chat('m') }),
      until(() => rig.gateway.state().components['m']?.queued === 1).then(() =>
        ask(rig.url, { body: chat('m') }),
      ),
    ])
    expect([queued.status, JSON.parse(queued.body).error.code]).toEqual([503, 'queue_timeout'])
    expect([full.status, JSON.parse(full.body).error.code]).toEqual([429, 'queue_full'])
    for (const answer of [queued, full]) {
      expect(answer.headers).toMatchObject({
        'x-equipoise-origin': 'gateway',
        'retry-after': expect.any(String),
        'retry-after-ms': expect.any(String),
      })
    }
    abort.abort()
    await running
    const calls = await rig.recorded(3)
    expect(calls.map((call) => call.outcome).toSorted()).toEqual([
      'client_cancelled',
      'rejected',
      'rejected',
    ])
  })

  test('a surge on one model leaves the other without one rejection', async () => {
    const slow = goodAfter(300)
    const rig = await rigOf(
      { flooded: slow, steady: good },
      { component: { concurrency: 4, queue: 8 } },
    )
    const flood = Array.from({ length: 200 }, () => ask(rig.url, { body: chat('flooded') }))
    const steady = []
    for (let i = 0; i < 20; i += 1) steady.push(await ask(rig.url, { body: chat('steady') }))
    expect(steady.map((answer) => answer.status)).toEqual(steady.map(() => 200))
    const statuses = (await Promise.all(flood)).map((answer) => answer.status)
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(100)
    const calls = await rig.recorded(220)
    expect(calls.filter((call) => call.component === 'steady').map((call) => call.outcome)).toEqual(
      steady.map(() => 'success'),
    )
  })
})

describe('refusals', () => {
  test.each([
    { name: 'bad JSON', request: { body: '{"model":' }, status: 400, code: 'invalid_request' },
    { name: 'no model', request: { body: {} }, status: 400, code: 'invalid_request' },
    {
      name: 'unknown model',
      request: { body: { model: 'nope' } },
      status: 404,
      code: 'model_not_found',
    },
    {
      name: 'too large',
      request: { body: { model: 'm', x: 'y'.repeat(3_000) } },
      status: 413,
      code: 'request_too_large',
    },
    {
      name: 'far too large',
      request: { body: { model: 'm', x: 'y'.repeat(300_000) } },
      status: 413,
      code: 'request_too_large',
    },
    {
      name: 'compressed',
      request: { body: 'x', headers: { 'content-encoding': 'gzip' } },
      status: 415,
      code: 'unsupported_encoding',
    },
    {
      name: 'unknown path',
      request: { path: '/v1/responses', body: {} },
      status: 404,
      code: 'unknown_url',
      records: 0,
    },
    {
      name: 'wrong method',
      request: { method: 'GET' },
      status: 404,
      code: 'unknown_url',
      records: 0,
    },
  ])('$name', async ({ request, status, code, records = 1 }) => {
    const rig = await rigOf({ m: good }, { gateway: { maxBody: '2KB' } })
    const answer = await ask(rig.url, request)
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.body).error).toMatchObject({
      type: 'invalid_request_error',
      code,
      message: expect.any(String),
    })
    await until(() => rig.gateway.state().open === 0)
    const calls = await rig.recorded(records)
    expect(calls.map((call) => call.outcome)).toEqual(
      Array.from({ length: records }, () => 'invalid_request'),
    )
  })

  test('an unknown model is told which there are', async () => {
    const rig = await rigOf({ a: good, b: good })
    expect((await ask(rig.url, { body: chat('c') })).body).toContain('Models here: a, b.')
  })

  test('keys: missing, wrong and right; the key gives the tenant', async () => {
    const keys = [{ key: 'a-key-of-sixteen-or-more', tenant: 'acme' }]
    const rig = await rigOf({ m: good }, { gateway: { keys } })
    const send = (authorization: string) =>
      ask(rig.url, { body: chat('m'), headers: { authorization, 'x-equipoise-tenant': 'forged' } })
    const answers = [
      await ask(rig.url, { body: chat('m') }),
      await send('Bearer wrong'),
      await send('Bearer a-key-of-sixteen-or-more'),
    ]
    expect(answers.map((answer) => answer.status)).toEqual([401, 401, 200])
    expect(JSON.parse(answers[1]?.body ?? '').error.code).toBe('invalid_api_key')
    expect((await ask(rig.url, { path: '/healthz', method: 'GET' })).status).toBe(200)
    expect((await ask(rig.url, { path: '/v1/models', method: 'GET' })).status).toBe(401)
    expect((await rig.recorded(1)).map((call) => call.tenant)).toEqual(['acme'])
    expect(rig.server.seen[0]?.headers['authorization']).toBeUndefined()
  })

  test('a listener that others can reach needs keys', async () => {
    const config = configOf(['m'], 'http://127.0.0.1:1', {
      component: {},
      gateway: { host: '0.0.0.0' },
    })
    const start = startGateway({
      config,
      accept: () => Promise.resolve(),
      machineState: () => unknownMachine,
      log: pino({ level: 'silent' }),
    })
    await expect(start).rejects.toThrow('gateway.keys is empty')
  })

  test('a port that is taken is said so', async () => {
    const rig = await rigOf({ m: good })
    await expect(startRig({ m: good }, { gateway: { port: rig.gateway.port } })).rejects.toThrow(
      'another process listens there',
    )
  })
})

describe('what is recorded', () => {
  test('names, trace, metadata, redacted text, times', async () => {
    const machine = { ...unknownMachine, gpuIds: ['n/0'], kvCacheUsage: 0.5 }
    const rig = await rigOf(
      { m: good },
      {
        component: { modelVersion: 'v7' },
        options: { machineState: () => machine, now: () => 1_700_000_000_000 },
      },
    )
    const answer = await ask(rig.url, {
      body: chat('m', {
        stream: true,
        messages: [{ role: 'user', content: 'mail jane@example.com' }],
        metadata: { reference: '42', note: 'from joe@example.com', ignored: 7 },
      }),
      headers: {
        traceparent: `00-${traceId}-b7ad6b7169203331-01`,
        'x-equipoise-route': 'support',
        'x-equipoise-tenant': 'acme',
        'x-equipoise-template': 'greet',
        'x-equipoise-template-version': '3',
        cookie: 'secret',
      },
    })
    const [call] = await rig.recorded(1)
    expect(call).toMatchObject({
      project: 'default',
      callId: answer.headers['x-equipoise-call-id'],
      traceId,
      startedAtMs: 1_700_000_000_000,
      model: 'm',
      component: 'm',
      copy: 'm-1',
      route: 'support',
      tenant: 'acme',
      operation: 'chat',
      streaming: true,
      status: 200,
      outcome: 'success',
      finishReason: 'stop',
      usageSource: 'upstream',
      cachedTokens: null,
      modelVersion: 'v7',
      promptTemplate: 'greet',
      promptVersion: '3',
      samplingProbability: 1,
      sampled: true,
      prompt: '[{"role":"user","content":"mail [redacted:email]"}]',
      answer: 'hello',
      attributes: { reference: '42', note: 'from [redacted:email]' },
      machine,
    })
    expect(call?.ttftSeconds).toBeGreaterThan(0)
    expect(call?.queueSeconds).toBeGreaterThanOrEqual(0)
    expect(call?.totalSeconds).toBeGreaterThanOrEqual(call?.ttftSeconds ?? Infinity)
  })

  test('what the server is told: whose trace, which request, nothing secret', async () => {
    const rig = await rigOf({ m: good })
    const answer = await ask(rig.url, {
      body: chat('m', { stream: true, metadata: { reference: '42' } }),
      headers: {
        traceparent: `00-${traceId}-b7ad6b7169203331-01`,
        cookie: 'secret',
        'x-equipoise-route': 'support',
      },
    })
    const [call] = await rig.recorded(1)
    const [seen] = rig.server.seen
    const headers = seen?.headers ?? {}
    expect(headers['traceparent']).toBe(`00-${traceId}-${call?.spanId}-01`)
    expect(headers['accept-encoding']).toBe('identity')
    expect(headers['x-request-id']).toBe(call?.callId)
    expect(Object.keys(headers).filter((name) => /cookie|x-equipoise/.test(name))).toEqual([])
    expect(JSON.parse(seen?.body ?? '')).toMatchObject({
      metadata: { reference: '42' },
      stream_options: { include_usage: true },
    })
    expect(answer.headers).toMatchObject({
      'x-request-id': call?.callId,
      'x-equipoise-origin': 'upstream',
      'cache-control': 'no-cache, no-transform',
    })
  })

  test.each([
    ['none', 1, false],
    ['sampled', 1, true],
    ['sampled', 0, false],
    ['all', 0, true],
  ])('capture %s with sampling %d keeps text: %s', async (capture, sampling, isKept) => {
    const rig = await rigOf({ m: good }, { gateway: { capture, sampling } })
    await ask(rig.url, { body: chat('m') })
    const [call] = await rig.recorded(1)
    expect([call?.prompt !== '', call?.answer !== '']).toEqual([isKept, isKept])
    expect([call?.samplingProbability, call?.sampled]).toEqual([sampling, sampling === 1])
  })

  test('text is bounded, and not in the middle of a character', async () => {
    const rig = await rigOf({ m: good }, { gateway: { captureSize: '101B' } })
    await ask(rig.url, {
      body: chat('m', { messages: [{ role: 'user', content: 'ü'.repeat(500) }] }),
    })
    const [call] = await rig.recorded(1)
    expect(Buffer.byteLength(call?.prompt ?? '')).toBeLessThanOrEqual(101)
    expect(call?.prompt).not.toContain('\uFFFD')
  })

  test('the server gets its own name of the model, and its key', async () => {
    const server = await startFaultServer({ '/weights/m': good })
    opened.push(server)
    const plain = await rigOf(
      { m: good },
      {
        component: {
          upstreamModel: '/weights/m',
          apiKey: 'k',
          copies: [{ id: 'c', url: `${server.url}/base/`, node: 'n', gpus: [0] }],
        },
      },
    )
    expect((await ask(plain.url, { body: chat('m') })).status).toBe(200)
    expect(server.seen[0]).toMatchObject({
      path: '/base/v1/chat/completions',
      headers: { authorization: 'Bearer k' },
    })
    expect((await plain.recorded(1))[0]?.model).toBe('m')
  })

  test('records that are refused are tried again and none is lost; the client waits for nothing', async () => {
    let refusals = 3
    const accepted: string[] = []
    const rig = await rigOf(
      { m: good },
      {
        accept: (_, records) => {
          refusals -= 1
          if (refusals >= 0)
            return Promise.reject(new RetryableError('disk full', { retryAfterMs: 20 }))
          for (const record of records) if ('callId' in record) accepted.push(record.callId)
          return Promise.resolve()
        },
      },
    )
    for (let i = 0; i < 5; i += 1) await ask(rig.url, { body: chat('m') })
    await until(() => accepted.length === 5)
    expect(new Set(accepted).size).toBe(5)
    expect(rig.gateway.state()).toMatchObject({ unrecorded: 0, lost: 0 })
  })

  test('a sink that never answers delays no call', async () => {
    const rig = await rigOf({ m: good }, { accept: () => new Promise(() => {}) })
    for (let i = 0; i < 3; i += 1)
      expect((await ask(rig.url, { body: chat('m') })).status).toBe(200)
    await until(() => rig.gateway.state().unrecorded === 3)
  })
})

describe('back-pressure', () => {
  test('a client that does not read stops the server, and everything arrives when it reads on', async () => {
    let written = 0
    const pieces = 2_000
    const rig = await rigOf({
      m: (socket) => {
        head(socket, 'text/event-stream')
        const pour = () => {
          while (written < pieces) {
            written += 1
            const bytes = Buffer.from(delta('x'.repeat(8_000)))
            if (
              !socket.write(
                Buffer.concat([
                  Buffer.from(`${bytes.length.toString(16)}\r\n`),
                  bytes,
                  Buffer.from('\r\n'),
                ]),
              )
            ) {
              socket.once('drain', pour)
              return
            }
          }
          chunk(socket, delta('', 'stop') + done)
          end(socket)
        }
        pour()
      },
    })
    const body = JSON.stringify(chat('m', { stream: true }))
    const client = connect(rig.gateway.port, '127.0.0.1')
    client.pause()
    client.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    await until(() => written > 0)
    // The server comes to a standstill well before the end: only sockets' buffers are full.
    let before = -1
    while (before !== written) {
      before = written
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect(written).toBeLessThan(pieces)
    let received = 0
    let tail = ''
    client.on('data', (data) => {
      received += data.length
      tail = (tail + data.toString('latin1')).slice(-60)
    })
    client.resume()
    await once(client, 'close')
    expect(received).toBeGreaterThan(pieces * 8_000)
    expect(tail).toContain('[DONE]')
    expect((await rig.recorded(1))[0]).toMatchObject({ outcome: 'success' })
  })

  test('a client that never reads is cut off and its slot given back', async () => {
    const rig = await rigOf(
      {
        m: (socket) => {
          head(socket, 'text/event-stream')
          const pour = () => {
            while (!socket.destroyed && socket.writableLength < 2 ** 20)
              chunk(socket, delta('x'.repeat(8_000)))
            if (!socket.destroyed) setTimeout(pour, 5)
          }
          pour()
        },
      },
      { options: { clientStallMs: 300 } },
    )
    const body = JSON.stringify(chat('m', { stream: true }))
    const client = connect(rig.gateway.port, '127.0.0.1')
    client.on('error', () => {})
    client.pause()
    client.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    expect((await rig.recorded(1))[0]).toMatchObject({
      outcome: 'client_cancelled',
      errorType: 'client_stalled',
    })
    await until(() => rig.server.seen[0]?.isClosed === true)
    client.destroy()
  })

  test('a server that resets a held answer which it would close anyway does no harm', async () => {
    const rig = await rigOf({
      m: (socket) => {
        socket.write(
          'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n',
        )
        for (let i = 0; i < 600; i += 1) socket.write(delta('x'.repeat(8_000)))
        setTimeout(() => socket.resetAndDestroy(), 200)
      },
    })
    const body = JSON.stringify(chat('m', { stream: true }))
    const client = connect(rig.gateway.port, '127.0.0.1')
    client.on('error', () => {})
    client.pause()
    client.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    await until(() => rig.server.seen[0]?.isClosed === true)
    client.resume()
    expect((await rig.recorded(1))[0]).toMatchObject({ outcome: 'truncated' })
    client.destroy()
    expect((await ask(rig.url, { path: '/healthz', method: 'GET' })).status).toBe(200)
  })
})

describe('reload', () => {
  test('under traffic no call fails, new models appear and removed ones finish', async () => {
    const slow = goodAfter(20)
    const rig = await rigOf({ a: slow, b: slow }, { component: { concurrency: 2, queue: 500 } })
    const configs = [
      configOf(['a', 'b'], rig.server.url, {
        component: { concurrency: 3, queue: 500 },
        gateway: {},
      }),
      configOf(['a', 'b'], `${rig.server.url}/`, {
        component: { concurrency: 4, queue: 500 },
        gateway: {},
      }),
    ]
    const answers: Promise<{ status: number }>[] = []
    for (let i = 0; i < 30; i += 1) {
      answers.push(
        ask(rig.url, { body: chat('a') }),
        ask(rig.url, { body: chat('b', { stream: true }) }),
      )
      const config = configs[i % 2]
      if (config !== undefined) rig.gateway.reload(config)
      await new Promise((resolve) => setTimeout(resolve, 3))
    }
    // The last calls for `b` still run or wait when it is configured no more.
    await until(() => rig.gateway.state().open + rig.calls.length >= 60)
    rig.gateway.reload(configOf(['a', 'c'], rig.server.url, { component: {}, gateway: {} }))
    const statuses = (await Promise.all(answers)).map((answer) => answer.status)
    expect(statuses.filter((status) => status !== 200)).toEqual([])
    const models = JSON.parse((await ask(rig.url, { path: '/v1/models', method: 'GET' })).body)
    expect(models.data.map((model: { id: string }) => model.id)).toEqual(['a', 'c'])
    expect((await ask(rig.url, { body: chat('b') })).status).toBe(404)
    await until(() => rig.gateway.state().leases === 0)
  })

  test('a configuration that cannot be used changes nothing', async () => {
    const rig = await rigOf({ a: good })
    const shared = { model: 'same' }
    expect(() =>
      rig.gateway.reload(configOf(['x', 'y'], rig.server.url, { component: shared, gateway: {} })),
    ).toThrow('both serve model "same"')
    expect((await ask(rig.url, { body: chat('a') })).status).toBe(200)
  })
})

describe('drain', () => {
  test('running and waiting calls finish, new ones are refused, records are durable', async () => {
    const accepted: string[] = []
    const slow = goodAfter(150)
    const rig = await rigOf(
      { m: slow },
      {
        component: { concurrency: 1 },
        accept: async (_, records) => {
          await new Promise((resolve) => setTimeout(resolve, 50))
          for (const record of records) if ('callId' in record) accepted.push(record.callId)
        },
      },
    )
    const answers = [1, 2].map(() => ask(rig.url, { body: chat('m', { stream: true }) }))
    await until(() => rig.gateway.state().components['m']?.queued === 1)
    const idle = connect(rig.gateway.port, '127.0.0.1')
    await once(idle, 'connect')
    await rig.gateway.drain()
    expect(
      (await Promise.all(answers)).map((answer) => [answer.status, answer.isComplete]),
    ).toEqual([
      [200, true],
      [200, true],
    ])
    expect(accepted).toHaveLength(2)
    await expect(ask(rig.url, { body: chat('m') })).rejects.toThrow('ECONNREFUSED')
    idle.destroy()
  })

  test('past its grace, streams end by an error and are not taken for whole', async () => {
    const rig = await rigOf({ m: streamsForEver, n: silent }, { gateway: { drainGrace: '200ms' } })
    const answers = [
      ask(rig.url, { body: chat('m', { stream: true }) }),
      ask(rig.url, { body: chat('n') }),
    ]
    await until(() => rig.gateway.state().leases === 2)
    await new Promise((resolve) => setTimeout(resolve, 50))
    await rig.gateway.drain()
    const [stream, waiting] = await Promise.all(answers)
    expect(stream).toMatchObject({ status: 200, isComplete: false })
    expect(stream?.body).toContain('shutting_down')
    expect(waiting?.status).toBe(503)
    expect(rig.calls.map((call) => call.outcome).toSorted()).toEqual(['rejected', 'truncated'])
  })
})

test('a large upload in chunks arrives as it is', async () => {
  const rig = await rigOf({
    m: (socket, { body }) => whole(socket, '200 OK', JSON.stringify({ length: body.length })),
  })
  const body = JSON.stringify(chat('m', { padding: 'ü'.repeat(2 ** 20) }))
  const answer = await fetch(`${rig.url}/v1/chat/completions`, {
    method: 'POST',
    body: new ReadableStream({
      start(controller) {
        const bytes = Buffer.from(body)
        for (let at = 0; at < bytes.length; at += 100_000)
          controller.enqueue(bytes.subarray(at, at + 100_000))
        controller.close()
      },
    }),
    duplex: 'half',
  })
  expect(await answer.json()).toEqual({ length: body.length })
})

test('the traffic of a judge is never sampled', async () => {
  const rig = await rigOf({ m: good })
  await ask(rig.url, { body: chat('m'), headers: { 'x-equipoise-purpose': 'evaluation' } })
  await ask(rig.url, { body: chat('m') })
  const calls = await rig.recorded(2)
  expect(calls.map((call) => [call.sampled, call.samplingProbability])).toEqual([
    [false, 0],
    [true, 1],
  ])
})

test('a probe is never sampled and recorded apart from the calls of users', async () => {
  const rig = await rigOf({ m: good })
  await ask(rig.url, { body: chat('m'), headers: { 'x-equipoise-purpose': 'probe' } })
  await ask(rig.url, { body: chat('m') })
  const calls = await rig.recorded(2)
  expect(calls.map((call) => [call.project, call.sampled])).toEqual([
    ['default/probes', false],
    ['default', true],
  ])
})
