import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { httpEvaluator } from './http-evaluator.ts'

interface Seen {
  readonly authorization: string | undefined
  readonly body: unknown
}
const seen: Seen[] = []
let answer: (response: ServerResponse, body: { readonly answer: string }) => void = byAnswer
// The address is fixed before the suite reads it, as its cases are made when the file is loaded.
const server = createServer((request, response) => void serve(request, response)).listen(
  0,
  '127.0.0.1',
)
await once(server, 'listening')
const address = server.address()
const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/score`

beforeAll(() => {
  answer = byAnswer
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  const body = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  seen.push({ authorization: request.headers.authorization, body })
  answer(response, body)
}

function byAnswer(response: ServerResponse, body: { readonly answer: string }): void {
  response.end(JSON.stringify({ value: body.answer === 'good' ? 1 : 0.25 }))
}

testEvaluator(httpEvaluator, {
  config: { url },
  otherConfig: { url, version: '2' },
  good: { answer: 'good' },
  bad: { answer: 'bad' },
})

const ask = (config: object = {}) => verdictOf(httpEvaluator, {}, { config: { url, ...config } })

const parsed = (apiKey: string) => httpEvaluator.config.parse({ url, apiKey })

test('the request carries answer, options and key; the key is in no version', async () => {
  answer = byAnswer
  await ask({ apiKey: 'key-1', options: { strict: true } })
  expect(seen.at(-1)).toMatchObject({
    authorization: 'Bearer key-1',
    body: { prompt: 'Name the capital of Peru, please.', options: { strict: true } },
  })
  expect(httpEvaluator.version(parsed('a'), '', '')).toBe(
    httpEvaluator.version(parsed('b'), '', ''),
  )
})

test('a skip, a label, a cost and another version are taken', async () => {
  answer = (response) => response.end(JSON.stringify({ skip: 'not mine' }))
  expect(await ask()).toMatchObject({ outcome: 'skipped', reason: 'not mine' })
  answer = (response) => {
    response.end(
      JSON.stringify({ value: 0.5, label: 'so_so', reason: 'why', version: '7', costUsd: 0.1 }),
    )
  }
  expect(await ask()).toMatchObject({ label: 'so_so', reason: 'why', servedBy: '7', costUsd: 0.1 })
  expect(await ask({ version: '7' })).not.toHaveProperty('servedBy')
})

test('429 and 5xx are asked again, other ends are failures', async () => {
  let tries = 0
  answer = (response, body) => {
    tries += 1
    if (tries > 2) return byAnswer(response, body)
    response.writeHead(tries === 1 ? 429 : 503, { 'retry-after': '0' }).end('busy')
  }
  expect(await ask()).toMatchObject({ outcome: 'scored', value: 0.25 })
  expect(tries).toBe(3)
  tries = -100
  await expect(ask({ retries: 1 })).rejects.toThrow('HTTP 503')
  expect(tries).toBe(-98)
  answer = (response) => response.writeHead(400).end('bad')
  await expect(ask()).rejects.toThrow('HTTP 400: bad')
})

test.each(['nonsense', '{}', '{"value": 2}', '{"value": null}'])(
  'the reply %s is no score',
  async (text) => {
    answer = (response) => response.end(text)
    const outcome = await ask().then(
      (verdict) => verdict.outcome,
      () => 'failed',
    )
    expect(outcome).toBe('failed')
  },
)

test('a server that hangs is given up', async () => {
  answer = () => undefined
  await expect(ask({ timeout: '50ms' })).rejects.toThrow('no answer within 0.05 s')
})
