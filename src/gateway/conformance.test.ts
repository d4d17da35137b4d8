import OpenAI, {
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Rig } from './gateway-fixture.ts'
import {
  chunk,
  delta,
  done,
  end,
  good,
  head,
  sse,
  startRig,
  until,
  whole,
} from './gateway-fixture.ts'

// The official client is the judge of whether this is OpenAI's protocol.
let rig: Rig
let client: OpenAI

const messages = [{ role: 'user' as const, content: 'hi' }]

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

beforeAll(async () => {
  rig = await startRig(
    {
      good,
      slow: (socket) => {
        head(socket, 'text/event-stream')
        const timer = setInterval(() => chunk(socket, delta('x')), 10)
        socket.on('close', () => clearInterval(timer))
      },
      silent: () => {},
      broken: (socket) =>
        whole(
          socket,
          '500 Internal Server Error',
          '{"error":{"message":"cuda","type":"InternalServerError","param":null,"code":500}}',
        ),
      cut: (socket) => {
        head(socket, 'text/event-stream')
        chunk(socket, delta('half an ans'))
        end(socket)
      },
      failing: (socket) => {
        head(socket, 'text/event-stream')
        chunk(socket, delta('half') + sse({ error: { message: 'out of memory' } }) + done)
        end(socket)
      },
      completion: (socket) =>
        whole(
          socket,
          '200 OK',
          JSON.stringify({
            object: 'text_completion',
            choices: [{ index: 0, text: 'hello', finish_reason: 'stop' }],
            usage: { prompt_tokens: 1, completion_tokens: 1 },
          }),
        ),
      embedding: (socket) => {
        const vector = Buffer.from(new Float32Array([0.5, -1, 2]).buffer).toString('base64')
        whole(
          socket,
          '200 OK',
          JSON.stringify({
            object: 'list',
            model: 'embedding',
            data: [{ object: 'embedding', index: 0, embedding: vector }],
            usage: { prompt_tokens: 4, total_tokens: 4 },
          }),
        )
      },
    },
    {
      component: { concurrency: 2, queue: 0 },
      gateway: { keys: [{ key: 'a-key-of-sixteen-or-more', tenant: 'acme' }], maxBody: '50KB' },
    },
  )
  client = new OpenAI({
    baseURL: `${rig.url}/v1`,
    apiKey: 'a-key-of-sixteen-or-more',
    maxRetries: 0,
  })
})

afterAll(() => rig.close())

describe('openai client', () => {
  test('chat', async () => {
    const answer = await client.chat.completions.create({ model: 'good', messages })
    expect(answer.choices[0]?.message.content).toBe('hello')
    expect(answer.usage?.completion_tokens).toBe(2)
  })

  test('the request id that it shows is the call’s', async () => {
    const { data, response, request_id } = await client.chat.completions
      .create({ model: 'good', messages })
      .withResponse()
    expect(data.choices).toHaveLength(1)
    expect(response.headers.get('x-equipoise-call-id')).toBe(request_id)
    await until(() =>
      rig.calls.some((call) => call.callId === request_id && call.tenant === 'acme'),
    )
  })

  test('stream without usage, because it was not asked for', async () => {
    const stream = await client.chat.completions.create({ model: 'good', messages, stream: true })
    const chunks = await collect(stream)
    expect(chunks.map((part) => part.choices[0]?.delta.content ?? '').join('')).toBe('hello')
    expect(chunks.filter((part) => part.choices.length === 0)).toEqual([])
  })

  test('stream with usage, because it was', async () => {
    const stream = await client.chat.completions.create({
      model: 'good',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    })
    const chunks = await collect(stream)
    expect(chunks.at(-1)?.usage?.total_tokens).toBe(13)
  })

  test('completion and embedding', async () => {
    expect(
      (await client.completions.create({ model: 'completion', prompt: 'x' })).choices[0]?.text,
    ).toBe('hello')
    const { data } = await client.embeddings.create({ model: 'embedding', input: 'x' })
    expect(data[0]?.embedding).toEqual([0.5, -1, 2])
    await until(() =>
      rig.calls.some(
        (call) =>
          call.operation === 'embedding' &&
          call.promptTokens === 4 &&
          call.completionTokens === null,
      ),
    )
  })

  test('models', async () => {
    const models = await collect(client.models.list())
    expect(models.map((model) => model.id)).toContain('good')
    expect(await client.models.retrieve('good')).toMatchObject({ id: 'good', object: 'model' })
    await expect(client.models.retrieve('nope')).rejects.toThrow(NotFoundError)
  })

  test('error classes', async () => {
    const ask = (model: string) => client.chat.completions.create({ model, messages })
    await expect(ask('nope')).rejects.toThrow(NotFoundError)
    await expect(ask('broken')).rejects.toThrow(InternalServerError)
    await expect(ask('')).rejects.toThrow(BadRequestError)
    const stranger = new OpenAI({ baseURL: `${rig.url}/v1`, apiKey: 'wrong', maxRetries: 0 })
    await expect(stranger.models.list()).rejects.toThrow(AuthenticationError)
    const large = [{ role: 'user' as const, content: 'x'.repeat(80_000) }]
    const tooLarge = client.chat.completions.create({ model: 'good', messages: large })
    await expect(tooLarge).rejects.toMatchObject({ status: 413, code: 'request_too_large' })
  })

  test('a full queue is its rate limit error', async () => {
    const abort = new AbortController()
    const running = [1, 2].map(() =>
      client.chat.completions
        .create({ model: 'silent', messages }, { signal: abort.signal })
        .catch((error: unknown) => error),
    )
    await until(() => rig.gateway.state().components['silent']?.inFlight === 2)
    await expect(client.chat.completions.create({ model: 'silent', messages })).rejects.toThrow(
      RateLimitError,
    )
    abort.abort()
    for (const error of await Promise.all(running)) expect(error).toBeInstanceOf(APIUserAbortError)
  })

  test.each([
    ['cut', 'ended before its end marker'],
    ['failing', 'out of memory'],
  ])('a stream that is %s throws', async (model, message) => {
    const stream = await client.chat.completions.create({ model, messages, stream: true })
    await expect(collect(stream)).rejects.toThrow(message)
  })

  test('leaving a stream ends it upstream', async () => {
    const stream = await client.chat.completions.create({ model: 'slow', messages, stream: true })
    for await (const part of stream) if (part.choices.length > 0) break
    const seen = rig.server.seen.find((one) => one.body.includes('"slow"'))
    await until(() => seen?.isClosed === true)
    await until(() =>
      rig.calls.some((call) => call.model === 'slow' && call.outcome === 'client_cancelled'),
    )
  })
})
