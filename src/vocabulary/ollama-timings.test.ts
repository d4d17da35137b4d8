import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ollamaTimings } from './ollama-timings.ts'

/** In the shape of an answer of `/api/chat`. */
const answer = {
  total_duration: 5_000_000_000,
  load_duration: 1_000_000_000,
  prompt_eval_count: 26,
  prompt_eval_duration: 400_000_000,
  eval_count: 290,
  eval_duration: 2_900_000_000,
}

test('nanoseconds become seconds; the first token comes after all that is not generation', () => {
  const timings = ollamaTimings(answer)
  expect(timings?.totalSeconds).toBeCloseTo(5, 12)
  expect(timings?.ttftSeconds).toBeCloseTo(2.1, 12)
  expect(timings?.tpotSeconds).toBeCloseTo(0.01, 12)
  expect(timings?.loadSeconds).toBeCloseTo(1, 12)
  expect(timings).toMatchObject({ promptTokens: 26, completionTokens: 290 })
})

test('what is left out is not known: a prompt from the cache has no count', () => {
  const { prompt_eval_count: _, prompt_eval_duration: __, ...cached } = answer
  expect(ollamaTimings(cached)).toMatchObject({ promptTokens: null, completionTokens: 290 })
  expect(ollamaTimings({ total_duration: 7_000_000_000 })).toEqual({
    totalSeconds: 7,
    ttftSeconds: null,
    tpotSeconds: null,
    loadSeconds: null,
    promptTokens: null,
    completionTokens: null,
  })
})

test('one token has no pace', () => {
  expect(ollamaTimings({ ...answer, eval_count: 1 })?.tpotSeconds).toBeNull()
})

test.each([
  {},
  { ...answer, total_duration: '5s' },
  { ...answer, total_duration: -1 },
  { ...answer, eval_duration: 6_000_000_000 },
  { ...answer, eval_count: 2 ** 32 },
  { ...answer, prompt_eval_count: 1.5 },
])('no answer of Ollama: %j', (other) => {
  expect(ollamaTimings(other)).toBeNull()
})

test('whatever the fields hold, no time is negative or not finite', () => {
  const value = fc.option(fc.oneof(fc.integer(), fc.double(), fc.string(), fc.maxSafeNat()))
  const record = fc.record({
    total_duration: value,
    load_duration: value,
    eval_duration: value,
    eval_count: value,
    prompt_eval_count: value,
  })
  fc.assert(
    fc.property(record, (fields) => {
      const numbers = Object.values(ollamaTimings(fields) ?? {})
      expect(numbers.every((one) => one === null || (Number.isFinite(one) && one >= 0))).toBe(true)
    }),
  )
})
