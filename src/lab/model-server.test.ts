import OpenAI from 'openai'
import { afterEach, expect, test } from 'vitest'
import { labModels } from './lab-config.ts'
import { engineDefaults, type EngineOptions } from './engine.ts'
import { startModelServer, type ModelServer } from './model-server.ts'

/** Busy machines may take long; waiting ends as soon as it may. */
const patience = { timeout: 30_000 }

const model = 'openai/gpt-oss-20b'
const perfect = {
  accuracy: 1,
  safety: 1,
  grounding: 1,
  relevance: 1,
  guidelines: 1,
  unsafeShare: 0,
}
const open: ModelServer[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

async function start(engine: Partial<EngineOptions> = {}) {
  const server = await startModelServer({
    component: 'gpt-oss-20b',
    model,
    port: 0,
    engine: { ...engineDefaults, speed: 50, ...engine },
    profile: perfect,
    seed: 1,
  })
  open.push(server)
  const post = (path: string, body: unknown, signal?: AbortSignal) =>
    fetch(server.url + path, {
      method: 'POST',
      body: JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    })
  const metric = async (line: string) => {
    const text = await (await fetch(`${server.url}/metrics`)).text()
    const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `))
    return found === undefined ? undefined : Number(found.slice(line.length))
  }
  return { server, post, metric }
}

/** The parts of a completion that the tests look at. */
interface Body {
  readonly choices: readonly {
    readonly message: { readonly content: string }
    readonly finish_reason: string
  }[]
  readonly usage: Readonly<Record<string, unknown>>
}

async function bodyOf(response: Response): Promise<Body> {
  const body: Body = JSON.parse(await response.text())
  return body
}

function contentOf(body: Body): string {
  return body.choices[0]?.message.content ?? ''
}

const question = [{ role: 'user', content: 'What is 20 + 22?' }]

test('a stream is vLLM’s: role, one token a chunk, finish, usage, [DONE]', async () => {
  const { post } = await start()
  const response = await post('/v1/chat/completions', {
    model,
    messages: question,
    stream: true,
    stream_options: { include_usage: true },
  })
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  const text = await response.text()
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  const events = text
    .trim()
    .split('\n\n')
    .slice(0, -1)
    .map((event) => JSON.parse(event.replace(/^data: /, '')))
  const [role, ...rest] = events
  expect(role.choices[0].delta).toEqual({ role: 'assistant', content: '' })
  const usage = rest.pop()
  const finish = rest.pop()
  expect(finish.choices[0]).toMatchObject({ delta: { content: '' }, finish_reason: 'stop' })
  const answer = rest.map((event) => event.choices[0].delta.content).join('')
  expect(answer).toMatch(/\n42$/)
  expect(usage.choices).toEqual([])
  const words = answer.split(/\s+/).length
  expect(usage.usage).toMatchObject({ prompt_tokens: 5, completion_tokens: words })
  expect(rest).toHaveLength(words)
  expect(new Set(events.map((event) => event.id)).size).toBe(1)
})

test('without include_usage a stream says none', async () => {
  const { post } = await start()
  const body = { model, messages: question, stream: true }
  const text = await (await post('/v1/chat/completions', body)).text()
  expect(text).not.toContain('usage')
})

test.each([
  [{ max_tokens: 7, ignore_eos: true }, 7, 'length'],
  [{ max_tokens: 200, ignore_eos: true }, 200, 'length'],
  [{ max_completion_tokens: 3 }, 3, 'length'],
  [{ max_tokens: 0, ignore_eos: true }, 0, 'length'],
])('%j gives %i tokens', async (limits, tokens, reason) => {
  const { post } = await start()
  const body = { model, messages: question, metadata: { reference: '42' }, unknown: 1, ...limits }
  const answer = await bodyOf(await post('/v1/chat/completions', body))
  expect(answer.usage).toMatchObject({ prompt_tokens: 5, completion_tokens: tokens })
  expect(answer.choices[0]?.finish_reason).toBe(reason)
  const words = contentOf(answer)
    .split(/\s+/)
    .filter((word) => word !== '')
  expect(words).toHaveLength(tokens)
})

test('prompt tokens are the words of all messages and parts', async () => {
  const { post } = await start()
  const messages = [
    { role: 'system', content: 'be  brief\n' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'one two' },
        { type: 'text', text: 'three' },
      ],
    },
    { role: 'assistant', content: null, tool_calls: [] },
    { role: 'user', content: '' },
  ]
  const answer = await bodyOf(await post('/v1/chat/completions', { model, messages }))
  expect(answer.usage['prompt_tokens']).toBe(5)
})

test.each([
  ['{', 400],
  [JSON.stringify({ model }), 400],
  [JSON.stringify({ model: 'other', messages: question }), 404],
  [JSON.stringify({ model, messages: [{ role: 'user', content: 'a '.repeat(200_000) }] }), 400],
])('bad request %# is refused with an error object', async (body, status) => {
  const { server, metric } = await start()
  const response = await fetch(`${server.url}/v1/chat/completions`, { method: 'POST', body })
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ error: { code: status, param: null } })
  const line = 'http_requests_total{handler="/v1/chat/completions",method="POST",status="4xx"}'
  expect(await metric(line)).toBe(1)
})

test('metrics carry vLLM’s names, labels and exact counts', async () => {
  const { post, metric, server } = await start()
  for (let index = 0; index < 3; index += 1) {
    await post('/v1/chat/completions', {
      model,
      messages: question,
      max_tokens: 10,
      ignore_eos: true,
    })
  }
  const labels = `engine="0",model_name="${model}"`
  expect(await metric(`vllm:prompt_tokens_total{${labels}}`)).toBe(15)
  expect(await metric(`vllm:generation_tokens_total{${labels}}`)).toBe(30)
  expect(
    await metric(
      `vllm:request_success_total{engine="0",finished_reason="length",model_name="${model}"}`,
    ),
  ).toBe(3)
  expect(await metric(`vllm:num_requests_running{${labels}}`)).toBe(0)
  expect(await metric(`vllm:time_to_first_token_seconds_count{${labels}}`)).toBe(3)
  expect(await metric(`vllm:inter_token_latency_seconds_count{${labels}}`)).toBe(27)
  expect(await metric(`vllm:request_time_per_output_token_seconds_count{${labels}}`)).toBe(3)
  expect(
    await metric(
      `vllm:time_to_first_token_seconds_bucket{engine="0",le="2560.0",model_name="${model}"}`,
    ),
  ).toBe(3)
  const text = await (await fetch(`${server.url}/metrics`)).text()
  expect(text).toContain('vllm:cache_config_info{block_size="16",cache_dtype="auto",')
  expect(text).toContain('num_gpu_blocks="6144"} 1.0')
  expect(text).toContain(
    `vllm:num_requests_waiting_by_reason{engine="0",model_name="${model}",reason="capacity"} 0.0`,
  )
})

test('a client that leaves aborts its sequence', async () => {
  const { post, server, metric } = await start({ speed: 1 })
  const leaving = new AbortController()
  const body = { model, messages: question, max_tokens: 5_000, ignore_eos: true, stream: true }
  const response = await post('/v1/chat/completions', body, leaving.signal)
  expect(server.state().running).toBe(1)
  await response.body?.getReader().read()
  leaving.abort()
  await expect.poll(() => server.state().running, patience).toBe(0)
  const line = `vllm:request_success_total{engine="0",finished_reason="abort",model_name="${model}"}`
  expect(await metric(line)).toBe(1)
})

test('a shared prefix is computed once when the prefix cache is on', async () => {
  const { post, metric } = await start({ prefixCache: true })
  const text = Array.from({ length: 100 }, (_, index) => `word${index}`).join(' ')
  const body = { model, messages: [{ role: 'user', content: text }], max_tokens: 2 }
  await bodyOf(await post('/v1/chat/completions', body))
  const second = await bodyOf(await post('/v1/chat/completions', body))
  expect(second.usage['prompt_tokens_details']).toEqual({ cached_tokens: 96 })
  const hits = `vllm:prefix_cache_hits_total{engine="0",model_name="${model}"}`
  expect(await metric(hits)).toBe(96)
})

test('a changed profile changes the next answers', async () => {
  const { post, server } = await start()
  server.setProfile({ ...perfect, unsafeShare: 1 })
  const answer = await bodyOf(await post('/v1/chat/completions', { model, messages: question }))
  expect(contentOf(answer)).toMatch(/\[unsafe .* omitted\]/)
})

test('the official client is content: chat, stream, completion, embedding, models', async () => {
  const { server } = await start()
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
  const chat = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: 'What is 20 + 22?' }],
  })
  expect(chat.choices[0]?.message.content).toMatch(/42$/)
  const stream = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: 'What is 20 + 22?' }],
    stream: true,
  })
  let text = ''
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  expect(text).toMatch(/42$/)
  const completion = await client.completions.create({ model, prompt: 'What is 1 + 1?' })
  expect(completion.choices[0]?.text).toMatch(/^\S/)
  const vectors = await client.embeddings.create({ model, input: ['a b', 'a b', 'c'] })
  expect(vectors.data[0]?.embedding).toHaveLength(256)
  expect(vectors.data[0]?.embedding).toEqual(vectors.data[1]?.embedding)
  expect(vectors.data[0]?.embedding).not.toEqual(vectors.data[2]?.embedding)
  expect((await client.models.list()).data.map(({ id }) => id)).toEqual([model])
})

test('the lab’s models have names that their servers know', () => {
  expect(labModels.map(({ upstreamModel }) => upstreamModel)).toContain(model)
})
