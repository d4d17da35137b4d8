// A native answer of Ollama in the place of a call's row: `/api/chat` and `/api/generate`, or the end of their streams.
import { z } from 'zod'
import { ollamaTimings } from '../../vocabulary/ollama-timings.ts'

/** Of the answer itself; the rest of the row is a call's own fields, such as `copy`, `tenant` or `prompt`. */
const nativeFields = new Set([
  ...'created_at response message thinking done done_reason context remote_model remote_host'.split(
    ' ',
  ),
  ...'total_duration load_duration prompt_eval_count prompt_eval_duration'.split(' '),
  ...'eval_count eval_duration'.split(' '),
])

/**
 * A row with Ollama's fields as a row with a call's; any other row as it is. `created_at` is when the answer was
 * complete, so the call began `total_duration` before it.
 */
export function rowOfOllama(row: unknown, context: z.RefinementCtx): unknown {
  const answer = nativeAnswer.safeParse(row).data
  if (answer === undefined) return row
  const timings = ollamaTimings(answer)
  if (timings === null || answer.done === false) {
    context.addIssue({ code: 'custom', path: ['total_duration'], message: expected, input: row })
    return z.NEVER
  }
  const { totalSeconds, ttftSeconds, tpotSeconds, promptTokens, completionTokens } = timings
  return {
    operation: answer.message === undefined ? 'completion' : 'chat',
    ...startOf(answer.created_at, totalSeconds),
    totalSeconds,
    ttftSeconds,
    tpotSeconds,
    promptTokens,
    completionTokens,
    finishReason: answer.done_reason ?? '',
    answer: answer.message?.content ?? answer.response ?? '',
    ...Object.fromEntries(Object.entries(answer).filter(([name]) => !nativeFields.has(name))),
    attributes: {
      ...(timings.loadSeconds === null
        ? {}
        : { 'ollama.load_seconds': String(timings.loadSeconds) }),
      ...answer.attributes,
    },
  }
}

const expected =
  'an answer of Ollama that is complete (done: true), with times in whole nanoseconds of which eval_duration is not above total_duration'

/** What makes a row one of Ollama's; of what else it holds only the types are checked that are used here. */
const nativeAnswer = z.looseObject({
  total_duration: z.unknown().refine((value) => value !== undefined),
  created_at: z.string().optional(),
  done: z.boolean().optional(),
  done_reason: z.string().optional(),
  response: z.string().optional(),
  message: z.looseObject({ content: z.string().optional() }).optional(),
  attributes: z.record(z.string(), z.unknown()).optional(),
})

function startOf(createdAt: string | undefined, totalSeconds: number): { startedAt?: number } {
  const endedAtMs = Date.parse(createdAt ?? '')
  return Number.isNaN(endedAtMs) ? {} : { startedAt: endedAtMs - totalSeconds * 1_000 }
}
