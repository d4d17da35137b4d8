// One inference as each naming reports it: the same call comes out.
import { expect, test } from 'vitest'
import { createTestOtlp, spanOf, traceOf, type Plain } from './test-receiver.ts'

const messages = (text: string) => JSON.stringify([{ role: 'user', content: text }])

const generations: Readonly<Record<string, Readonly<Record<string, Plain>>>> = {
  'gen_ai main': {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'llama-3',
    'gen_ai.usage.input_tokens': 100,
    'gen_ai.usage.output_tokens': 20,
    'gen_ai.usage.cache_read.input_tokens': 60,
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.conversation.id': 's-1',
    'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'Why?' }] }],
    'gen_ai.output.messages': [
      { role: 'assistant', parts: [{ type: 'text', content: 'So.' }], finish_reason: 'stop' },
    ],
  },
  'gen_ai 1.28 to 1.36': {
    'gen_ai.operation.name': 'chat',
    'gen_ai.system': 'openai',
    'gen_ai.request.model': 'llama-3',
    'gen_ai.usage.input_tokens': 100,
    'gen_ai.usage.output_tokens': 20,
    'gen_ai.usage.cache_read_input_tokens': 60,
    'gen_ai.response.finish_reasons': ['stop'],
    'session.id': 's-1',
    'gen_ai.prompt': messages('Why?'),
    'gen_ai.completion': JSON.stringify([{ role: 'assistant', content: 'So.' }]),
  },
  'gen_ai up to 1.27': {
    'gen_ai.system': 'OpenAI',
    'gen_ai.request.model': 'llama-3',
    'gen_ai.usage.prompt_tokens': 100,
    'gen_ai.usage.completion_tokens': 20,
    'gen_ai.usage.cache_read_input_tokens': 60,
    'gen_ai.response.finish_reasons': '["stop"]',
    'session.id': 's-1',
    'gen_ai.prompt': messages('Why?'),
    'gen_ai.completion': JSON.stringify([{ role: 'assistant', content: 'So.' }]),
  },
  OpenInference: {
    'openinference.span.kind': 'LLM',
    'llm.provider': 'openai',
    'llm.model_name': 'llama-3',
    'llm.token_count.prompt': 100,
    'llm.token_count.total': 120,
    'llm.token_count.prompt_details.cache_read': 60,
    'llm.finish_reason': 'stop',
    'session.id': 's-1',
    'llm.input_messages.0.message.role': 'user',
    'llm.input_messages.0.message.contents.0.message_content.type': 'text',
    'llm.input_messages.0.message.contents.0.message_content.text': 'Why?',
    'llm.output_messages.0.message.role': 'assistant',
    'llm.output_messages.0.message.content': 'So.',
    'input.value': 'not this one',
  },
  OpenLLMetry: {
    'llm.request.type': 'chat',
    'traceloop.span.kind': 'task',
    'gen_ai.system': 'OpenAI',
    'gen_ai.request.model': 'llama-3',
    'gen_ai.usage.prompt_tokens': 100,
    'gen_ai.usage.completion_tokens': 20,
    'gen_ai.usage.cache_read_input_tokens': 60,
    'traceloop.association.properties.session_id': 's-1',
    'gen_ai.prompt.0.role': 'user',
    'gen_ai.prompt.0.content': 'Why?',
    'gen_ai.completion.0.role': 'assistant',
    'gen_ai.completion.0.content': 'So.',
    'gen_ai.completion.0.finish_reason': 'stop',
  },
}

test.each(Object.entries(generations))('%s', async (_, attributes) => {
  const otlp = createTestOtlp()
  expect(await otlp.send('traces', traceOf(spanOf(attributes)))).toEqual({
    rejected: 0,
    message: '',
  })
  expect(otlp.calls).toMatchObject([
    {
      model: 'llama-3',
      component: 'llama',
      modelVersion: 'v7',
      operation: 'chat',
      outcome: 'success',
      promptTokens: 100,
      cachedTokens: 60,
      completionTokens: 20,
      usageSource: 'upstream',
      finishReason: 'stop',
      prompt: messages('Why?'),
      answer: 'So.',
      attributes: { provider: 'openai', session: 's-1' },
    },
  ])
})

const event = (name: string, attributes: Record<string, string>) => ({
  name,
  attributes: Object.entries(attributes).map(([key, stringValue]) => ({
    key,
    value: { stringValue },
  })),
})

test('messages as span events, up to 1.36', async () => {
  const otlp = createTestOtlp()
  const events = [
    event('gen_ai.system.message', { content: 'Be brief.' }),
    event('gen_ai.user.message', { content: 'Why?' }),
    event('gen_ai.choice', { message: '{"content":"So."}', finish_reason: 'length' }),
  ]
  const span = spanOf({ 'gen_ai.request.model': 'llama-3' }, { events })
  await otlp.send('traces', traceOf(span))
  expect(otlp.calls).toMatchObject([
    {
      prompt: '[{"role":"system","content":"Be brief."},{"role":"user","content":"Why?"}]',
      answer: 'So.',
      finishReason: 'length',
    },
  ])
})

test('a span of vLLM brings the times of the engine', async () => {
  const otlp = createTestOtlp()
  await otlp.send(
    'traces',
    traceOf(
      spanOf({
        'gen_ai.response.model': 'llama-3',
        'gen_ai.usage.prompt_tokens': 7,
        'gen_ai.usage.completion_tokens': 5,
        'gen_ai.latency.time_in_queue': 0.25,
        'gen_ai.latency.time_to_first_token': 0.5,
        'gen_ai.latency.time_in_model_decode': 0.4,
      }),
    ),
  )
  expect(otlp.calls).toMatchObject([
    { queueSeconds: 0.25, ttftSeconds: 0.5, tpotSeconds: 0.1, streaming: false, totalSeconds: 1 },
  ])
})
