import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { createLabClient, type ClientSight } from './client.ts'
import { listenOnLoopback } from './loopback-server.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** What a client sees of an upstream that answers like this. */
async function sightOf(answer: (response: ServerResponse) => void): Promise<ClientSight> {
  const server = await listenOnLoopback(0, (_, response) => answer(response))
  const client = createLabClient(server.url, 1)
  closing.push(
    () => client.close(),
    () => server.close(),
  )
  return client.send({ model: 'm', prompt: 'p', stream: true })
}

function stream(...events: string[]) {
  return (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-equipoise-call-id': 'c1' })
    for (const event of events) response.write(`data: ${event}\n\n`)
    response.end()
  }
}

const token = '{"choices":[{"delta":{"content":"hi"},"finish_reason":null}]}'
const finish = '{"choices":[{"delta":{},"finish_reason":"stop"}]}'
const usage = '{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}'

describe('a client of the gateway', () => {
  test('sees a whole stream', async () => {
    const sight = await sightOf(stream(token, finish, usage, '[DONE]'))
    expect(sight).toMatchObject({
      status: 200,
      complete: true,
      callId: 'c1',
      promptTokens: 3,
      completionTokens: 1,
      finishReason: 'stop',
      answer: 'hi',
      error: '',
    })
    expect(sight.ttftMs).toBeLessThanOrEqual(sight.totalMs)
  })

  test('never calls a cut, failed or garbled stream complete', async () => {
    expect(await sightOf(stream(token))).toMatchObject({
      complete: false,
      answer: 'hi',
      error: 'the stream ended early',
    })
    expect(
      await sightOf(stream(token, '{"error":{"message":"out of memory"}}', '[DONE]')),
    ).toMatchObject({ complete: false, error: 'out of memory' })
    expect(await sightOf(stream('{not json', '[DONE]'))).toMatchObject({ complete: false })
    const broken = await sightOf((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`data: ${token}\n\n`, () => response.destroy())
    })
    expect(broken).toMatchObject({ status: 200, complete: false, neverSent: false })
    expect(broken.error).not.toBe('')
  })

  test('sees a refusal and when to come back', async () => {
    const sight = await sightOf((response) => {
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '2' })
      response.end('{"error":{"message":"queue full"}}')
    })
    expect(sight).toMatchObject({
      status: 429,
      complete: false,
      error: 'queue full',
      retryAfterMs: 2_000,
    })
  })

  test('knows that a request was never sent', async () => {
    const server = await listenOnLoopback(0, () => {})
    await server.close()
    const client = createLabClient(server.url, 1)
    closing.push(() => client.close())
    const sight = await client.send({ model: 'm', prompt: 'p', stream: false })
    expect(sight).toMatchObject({ status: 0, complete: false, neverSent: true })
  })
})
