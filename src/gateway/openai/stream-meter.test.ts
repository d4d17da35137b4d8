import { describe, expect, test } from 'vitest'
import { createStreamMeter } from './stream-meter.ts'

const event = (value: unknown) => Buffer.from(`data: ${JSON.stringify(value)}\n\n`)
const delta = (fields: object, finish: string | null = null, index = 0) =>
  event({ choices: [{ index, delta: fields, finish_reason: finish }] })
const done = Buffer.from('data: [DONE]\n\n')
const usage = {
  prompt_tokens: 7,
  completion_tokens: 3,
  total_tokens: 10,
  prompt_tokens_details: { cached_tokens: 4 },
}
const counts = { promptTokens: 7, cachedTokens: 4, completionTokens: 3 }

function run(
  events: readonly (Buffer | null)[],
  options: { choices?: number; hidesUsage?: boolean; textLimit?: number } = {},
) {
  const meter = createStreamMeter({ choices: 1, hidesUsage: false, textLimit: 1_000, ...options })
  const kept = events.map((each, at) => meter.see(each, at))
  return { kept, verdict: meter.verdict(), reading: meter.reading() }
}

describe('time to first token', () => {
  test.each([
    ['content', { content: 'x' }, 2],
    ['reasoning', { reasoning: 'x' }, 2],
    ['reasoning_content', { reasoning_content: 'x' }, 2],
    ['tool_calls', { tool_calls: [{ index: 0, function: { name: 'f', arguments: '' } }] }, 2],
    ['an empty delta', { content: '' }, null],
    ['null content', { content: null }, null],
  ])('%s', (_, fields, at) => {
    const { reading } = run([
      delta({ role: 'assistant', content: '' }),
      Buffer.from(': wait\n\n'),
      delta(fields),
    ])
    expect(reading.firstTokenAt).toBe(at)
  })

  test('completions carry text', () => {
    expect(run([event({ choices: [{ index: 0, text: 'x' }] })]).reading).toMatchObject({
      firstTokenAt: 0,
      answer: 'x',
    })
  })
})

describe('usage', () => {
  test.each([
    [
      'in an event of its own',
      [delta({ content: 'a' }, 'stop'), event({ choices: [], usage }), done],
    ],
    [
      'beside an empty delta',
      [
        delta({ content: 'a' }),
        event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage }),
        done,
      ],
    ],
    [
      'on every event, the last one counts',
      [
        event({
          choices: [{ index: 0, delta: { content: 'a' } }],
          usage: { prompt_tokens: 7, completion_tokens: 1 },
        }),
        event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage }),
        done,
      ],
    ],
    [
      'null on the others',
      [
        event({
          choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }],
          usage: null,
        }),
        event({ choices: [], usage }),
        event({ choices: [], usage: null }),
        done,
      ],
    ],
  ])('%s', (_, events) => {
    const { reading, verdict } = run(events)
    expect([reading.usage, verdict.outcome]).toEqual([counts, 'success'])
  })

  test('half a count is no count', () => {
    expect(run([event({ choices: [], usage: { prompt_tokens: 7 } })]).reading.usage).toBe(null)
  })

  test.each([
    ['its own event is hidden', event({ choices: [], usage }), false],
    ['an event with a choice is not', event({ choices: [{ index: 0, delta: {} }], usage }), true],
    [
      'an event without choices and usage is not',
      event({ choices: [], prompt_filter_results: [] }),
      true,
    ],
  ])('when the gateway asked, %s', (_, given, kept) => {
    expect(run([given], { hidesUsage: true }).kept).toEqual([kept])
    expect(run([given]).kept).toEqual([true])
  })
})

describe('verdict', () => {
  const text = delta({ content: 'a' })
  const stop = delta({}, 'stop')
  test.each([
    ['end marker', [text, stop, done], 'success', ''],
    ['finished without end marker', [text, stop], 'success', ''],
    ['end marker alone after text', [text, done], 'success', ''],
    ['no marker', [text], 'truncated', 'upstream_truncated'],
    ['nothing at all', [], 'truncated', 'upstream_truncated'],
    ['end marker only', [done], 'upstream_error', 'empty_stream'],
    [
      'error, then end marker',
      [text, event({ error: { message: 'out of memory' } }), done],
      'upstream_error',
      'upstream_stream_error',
    ],
    ['error as text', [event({ error: 'boom' }), done], 'upstream_error', 'upstream_stream_error'],
    [
      'older vLLM error',
      [event({ object: 'error', message: 'boom' })],
      'upstream_error',
      'upstream_stream_error',
    ],
    [
      'error: null is none',
      [event({ error: null, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }), done],
      'success',
      '',
    ],
    [
      'not JSON',
      [text, Buffer.from('data: {oops\n\n'), stop, done],
      'upstream_error',
      'malformed_stream',
    ],
    [
      'JSON but no object',
      [Buffer.from('data: 7\n\n'), stop, done],
      'upstream_error',
      'malformed_stream',
    ],
    ['an unread large event among others', [null, stop, done], 'success', ''],
  ])('%s', (_, events, outcome, code) => {
    expect(run(events).verdict).toMatchObject({ outcome, code })
  })

  test('every choice must finish', () => {
    const first = delta({ content: 'a' }, 'stop', 0)
    expect(run([first], { choices: 2 }).verdict.outcome).toBe('truncated')
    expect(run([first, delta({ content: 'b' }, 'length', 1)], { choices: 2 }).verdict.outcome).toBe(
      'success',
    )
  })
})

test('text of the first choice is the answer; all of it is generated; both are bounded', () => {
  const events = [
    delta({ reasoning: 'hm ' }),
    delta({ content: 'ab' }),
    delta({ content: 'xy' }, null, 1),
    delta({ content: 'c' }),
  ]
  expect(run(events).reading).toMatchObject({
    answer: 'abc',
    generated: 'hm abxyc',
    generatedLength: 8,
    tokenEvents: 4,
  })
  expect(run(events, { textLimit: 2 }).reading).toMatchObject({
    answer: 'ab',
    generated: 'hm ',
    generatedLength: 8,
  })
})
