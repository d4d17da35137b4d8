import { expect, test } from 'vitest'
import { readWholeAnswer } from './whole-answer.ts'

const read = (value: unknown, limit = 100) =>
  readWholeAnswer(Buffer.from(JSON.stringify(value)), limit)
const usage = { prompt_tokens: 5, completion_tokens: 2 }
const counts = { promptTokens: 5, cachedTokens: null, completionTokens: 2 }

test('chat answer', () => {
  const answer = read({
    choices: [{ message: { content: 'hi', reasoning: 'r' }, finish_reason: 'stop' }],
    usage,
  })
  expect(answer).toMatchObject({
    verdict: { outcome: 'success' },
    reading: { usage: counts, answer: 'hi', generated: 'rhi', finishReason: 'stop' },
  })
})

test('completion answer', () => {
  expect(read({ choices: [{ text: 'hi', finish_reason: 'length' }] }).reading).toMatchObject({
    usage: null,
    answer: 'hi',
    finishReason: 'length',
  })
})

test('embedding answer, small or too large to parse', () => {
  const embedding = {
    data: [{ embedding: 'A'.repeat(10) }],
    usage: { prompt_tokens: 9, total_tokens: 9 },
  }
  const expected = { promptTokens: 9, cachedTokens: null, completionTokens: null }
  expect(read(embedding).reading.usage).toEqual(expected)
  expect(read({ ...embedding, data: 'A'.repeat(2 ** 21) }).reading.usage).toEqual(expected)
})

test.each([['null'], [''], ['<html>'], ['[1]'], ['{"a":']])('%j is malformed', (text) => {
  expect(readWholeAnswer(Buffer.from(text), 100).verdict).toMatchObject({
    outcome: 'upstream_error',
    code: 'malformed_answer',
  })
})

test('an error inside an answer of status 200', () => {
  expect(read({ error: { message: 'boom' } }).verdict).toMatchObject({
    outcome: 'upstream_error',
    message: 'boom',
  })
})

test('text is bounded', () => {
  expect(read({ choices: [{ text: 'abcdef' }] }, 3).reading).toMatchObject({
    answer: 'abc',
    generatedLength: 6,
  })
})

const native = {
  model: 'llama3.2',
  total_duration: 5_000_000_000,
  eval_count: 290,
  eval_duration: 2_900_000_000,
}

test("an answer with Ollama's native fields: its counts and its pace", () => {
  const { reading } = read({ ...native, prompt_eval_count: 26 })
  expect(reading.usage).toEqual({ promptTokens: 26, cachedTokens: null, completionTokens: 290 })
  expect(reading.engineTpotSeconds).toBeCloseTo(0.01, 12)
  // Half a count is not a count, and OpenAI's own counts come first.
  expect(read(native).reading.usage).toBeNull()
  expect(read({ ...native, prompt_eval_count: 26, usage }).reading.usage).toEqual(counts)
  expect(read({ usage }).reading.engineTpotSeconds).toBeNull()
})
