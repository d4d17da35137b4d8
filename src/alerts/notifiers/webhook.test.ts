import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RetryableError } from '../../records/failure.ts'
import { alertOf, testNotifier, type TestReceiver } from '../notifier-conformance.ts'
import { open } from '../notifier.ts'
import { webhook } from './webhook.ts'

type Answer = Parameters<TestReceiver<unknown>['answer']>[0]

let server: Server
let origin: string
let answer: Answer = 'accepted'
let retryAfter: string | undefined
let received: string[] = []
let headers: IncomingHttpHeaders = {}

const statusOf = { accepted: 204, busy: 503, refused: 400, silent: 0 }

beforeAll(async () => {
  server = createServer((request, response) => void receive(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
})

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  received.push(await text(request))
  headers = request.headers
  if (answer === 'silent') return
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter)
  response.writeHead(statusOf[answer]).end('no matter')
}

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

function receiver() {
  answer = 'accepted'
  retryAfter = undefined
  received = []
  return {
    config: { url: `${origin}/hooks/s3cr3t-path?key=s3cr3t-query`, bearerToken: 's3cr3t-token' },
    secrets: ['s3cr3t'],
    answer: (how: Answer) => {
      answer = how
    },
    received,
  }
}

const send = (config: Parameters<typeof webhook.send>[1]) =>
  webhook.send(alertOf(), config, AbortSignal.timeout(10_000))

testNotifier(webhook, receiver)

test('the body holds both states, ISO times and the readings', async () => {
  const { config } = receiver()
  await send(config)
  expect(JSON.parse(received[0] ?? '')).toEqual({
    alertId: '019a0000-0000-7000-8000-000000000001',
    project: 'default',
    rule: 'unsafe',
    model: 'gpt-oss-20b',
    state: 'firing',
    severity: 'critical',
    startedAt: '2026-09-21T14:13:20.000Z',
    changedAt: '2026-09-21T14:18:20.000Z',
    summary: 'gpt-oss-20b: safety fell to 0.41.',
    readings: alertOf().readings,
  })
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    authorization: 'Bearer s3cr3t-token',
    'idempotency-key': '019a0000-0000-7000-8000-000000000001:firing',
  })
})

test('without a token there is no authorization header', async () => {
  const { config } = receiver()
  await send({ url: config.url })
  expect(headers.authorization).toBeUndefined()
})

test('it waits as long as the receiver asks for', async () => {
  const { config } = receiver()
  answer = 'busy'
  retryAfter = '7'
  const failure: unknown = await send(config).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(RetryableError)
  expect(failure).toMatchObject({ message: 'the receiver answered 503', retryAfterMs: 7_000 })
})

test('a receiver that is not there may come back', async () => {
  const failure: unknown = await send({ url: 'http://127.0.0.1:9/s3cr3t' }).catch(
    (error: unknown) => error,
  )
  expect(failure).toBeInstanceOf(RetryableError)
  expect(failure).toMatchObject({ message: 'the receiver did not answer (ECONNREFUSED)' })
})

test.each([
  [{}],
  [{ url: 'ftp://x' }],
  [{ url: 'nowhere' }],
  [{ url: 'http://x', bearerToken: '' }],
])('settings that cannot work are refused: %j', (config) => {
  expect(() => open(webhook).prepare(config)).toThrow(/^Notifier webhook: /)
})
