// Every spelling of every meaning, newest first, each alone: the same thing is known of the call.
import { expect, test } from 'vitest'
import { createTestOtlp, spanOf, testSettings, traceOf, type Plain } from './test-receiver.ts'

const base = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'other' }

type Row = readonly [
  meaning: string,
  spellings: readonly string[],
  value: Plain,
  expected: object,
  more?: Readonly<Record<string, Plain>>,
]

const messages = (content: string) => JSON.stringify([{ role: 'user', content }])

const rows: readonly Row[] = [
  [
    'provider',
    ['gen_ai.provider.name', 'gen_ai.system', 'llm.provider', 'llm.system'],
    'Anthropic',
    { attributes: { provider: 'anthropic' } },
  ],
  [
    'model served',
    ['gen_ai.response.model', 'llm.response.model_name', 'llm.model_name'],
    'other-2026',
    { model: 'other', modelVersion: 'other-2026' },
  ],
  ['response id', ['gen_ai.response.id'], 'r-1', { attributes: { response_id: 'r-1' } }],
  [
    'session',
    [
      'gen_ai.conversation.id',
      'session.id',
      'traceloop.association.properties.session_id',
      'traceloop.association.properties.conversation_id',
    ],
    's-1',
    { attributes: { session: 's-1' } },
  ],
  [
    'tokens in',
    ['gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens', 'llm.token_count.prompt'],
    100,
    { promptTokens: 100 },
  ],
  [
    'tokens out',
    ['gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens', 'llm.token_count.completion'],
    20,
    { completionTokens: 20 },
  ],
  [
    'tokens in all',
    ['llm.token_count.total', 'llm.usage.total_tokens'],
    120,
    { promptTokens: 100, completionTokens: 20 },
    { 'gen_ai.usage.input_tokens': 100 },
  ],
  [
    'cache read',
    [
      'gen_ai.usage.cache_read.input_tokens',
      'gen_ai.usage.cache_read_input_tokens',
      'llm.token_count.prompt_details.cache_read',
    ],
    60,
    { promptTokens: 100, cachedTokens: 60 },
    { 'gen_ai.usage.input_tokens': 100 },
  ],
  [
    'cache write',
    [
      'gen_ai.usage.cache_write.input_tokens',
      'gen_ai.usage.cache_creation.input_tokens',
      'gen_ai.usage.cache_creation_input_tokens',
      'llm.token_count.prompt_details.cache_write',
    ],
    7,
    { attributes: { cache_write_tokens: '7' } },
  ],
  [
    'reasoning',
    ['gen_ai.usage.reasoning.output_tokens', 'llm.token_count.completion_details.reasoning'],
    9,
    { attributes: { reasoning_tokens: '9' } },
  ],
  ['streaming', ['gen_ai.request.stream', 'llm.is_streaming'], true, { streaming: true }],
  [
    'first chunk',
    ['gen_ai.response.time_to_first_chunk'],
    0.25,
    { streaming: true, ttftSeconds: 0.25 },
  ],
  [
    'end',
    ['gen_ai.response.finish_reasons', 'llm.finish_reason', 'llm.response.finish_reason'],
    'length',
    { finishReason: 'length' },
  ],
  ['error', ['error.type'], 'RateLimitError', { outcome: 'rejected' }],
  [
    'what was asked',
    ['gen_ai.input.messages', 'gen_ai.prompt'],
    messages('Why?'),
    { prompt: messages('Why?') },
  ],
  [
    'what was asked, as text',
    ['gen_ai.prompt', 'input.value', 'traceloop.entity.input'],
    'Why?',
    { prompt: 'Why?' },
  ],
  [
    'what was answered',
    ['gen_ai.output.messages', 'gen_ai.completion'],
    JSON.stringify([{ role: 'assistant', content: 'So.' }]),
    { answer: 'So.' },
  ],
  [
    'what was answered, as text',
    ['gen_ai.completion', 'output.value', 'traceloop.entity.output'],
    'So.',
    { answer: 'So.' },
  ],
  [
    'workflow',
    ['gen_ai.workflow.name', 'traceloop.workflow.name', 'gen_ai.agent.name'],
    'checkout',
    { route: 'checkout' },
  ],
  [
    'prompt',
    ['gen_ai.prompt.name', 'traceloop.prompt.key'],
    'greeting',
    { promptTemplate: 'greeting' },
  ],
  [
    'version of the prompt',
    ['traceloop.prompt.version', 'llm.prompt_template.version'],
    'v2',
    { promptVersion: 'v2' },
  ],
  ['cost', ['gen_ai.usage.cost', 'llm.cost.total'], 0.5, { attributes: { cost_usd: '0.5' } }],
  ['user', ['user.id'], 'u-1', { attributes: { user: 'u-1' } }],
  ['tags', ['tag.tags'], ['a', 'b'], { attributes: { tags: '["a","b"]' } }],
  ['metadata', ['metadata'], '{"shop":"north"}', { attributes: { shop: 'north' } }],
]

const cases = rows.flatMap(([meaning, spellings, value, expected, more = {}]) =>
  spellings.map((spelling) => ({ meaning, spelling, value, expected, more })),
)

test.each(cases)('$meaning by $spelling', async ({ spelling, value, expected, more }) => {
  const otlp = createTestOtlp({ settings: { ...testSettings, capture: 'all' } })
  const outcome = await otlp.send(
    'traces',
    traceOf(spanOf({ ...base, ...more, [spelling]: value })),
  )
  expect(outcome).toEqual({ rejected: 0, message: '' })
  expect(otlp.calls).toMatchObject([expected])
})
