// Other answers to the prompt of a call: those that the application sent along, or new ones.
import { z } from 'zod'
import type { Subject } from './evaluator.ts'
import { postJson } from './post-json.ts'

/** Where and how often a prompt is asked again. The time limit is added by who uses it. */
export const repeatSchema = z.strictObject({
  url: z.url().describe('Base URL without /v1, e.g. that of the gateway.'),
  model: z
    .string()
    .optional()
    .describe('Model that is asked; without it the one that gave the answer.'),
  apiKey: z.string().optional().describe('Bearer key; write it as ${VARIABLE}.'),
  times: z.int().min(1).max(10).default(3).describe('Answers that are asked for.'),
  temperature: z.number().min(0).max(2).default(1).describe('Temperature of these answers.'),
  maxTokens: z.int().min(1).default(512).describe('Most tokens of each of these answers.'),
  inputUsdPerMillion: z.number().min(0).default(0).describe('Price of a million input tokens.'),
  outputUsdPerMillion: z.number().min(0).default(0).describe('Price of a million output tokens.'),
})

type Repeat = z.infer<typeof repeatSchema> & { readonly timeout: number }

export type OtherAnswers =
  | { readonly answers: readonly string[]; readonly costUsd: number }
  | { readonly skip: string }

/** The other answers, never none, with what asking cost in US dollars. */
export async function repeatedAnswers(
  subject: Subject,
  repeat: Repeat | undefined,
  signal: AbortSignal,
): Promise<OtherAnswers> {
  const given = subject.attributes['answers'] ?? ''
  if (given.trim() !== '') return givenAnswers(given)
  if (repeat === undefined) {
    return { skip: 'the call has no attribute answers, and `ask` is not configured' }
  }
  if (subject.prompt.trim() === '') return { skip: 'the call has no prompt to ask again' }
  if (subject.prompt.includes('[redacted:')) {
    return { skip: 'the prompt was redacted: asked again it would be another question' }
  }
  const asked = Array.from({ length: repeat.times }, () => askAgain(subject, repeat, signal))
  const made = await Promise.all(asked)
  return {
    answers: made.map(({ answer }) => answer),
    costUsd: made.reduce((sum, { costUsd }) => sum + costUsd, 0),
  }
}

const listSchema = z.array(z.string())

function givenAnswers(json: string): OtherAnswers {
  let list: unknown
  try {
    list = JSON.parse(json)
  } catch {
    return { skip: 'the attribute answers is no JSON; expected a list of texts' }
  }
  const parsed = listSchema.safeParse(list)
  if (!parsed.success) return { skip: 'the attribute answers is no list of texts' }
  const answers = parsed.data.filter((answer) => answer.trim() !== '')
  return answers.length === 0
    ? { skip: 'the attribute answers lists no answer' }
    : { answers, costUsd: 0 }
}

const completionSchema = z.looseObject({
  choices: z.array(z.looseObject({ message: z.looseObject({ content: z.string() }) })).min(1),
  usage: z.looseObject({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
})

async function askAgain(subject: Subject, repeat: Repeat, signal: AbortSignal) {
  const url = `${repeat.url.replace(/\/+$/, '')}/v1/chat/completions`
  const target = { url, apiKey: repeat.apiKey, timeoutMs: repeat.timeout, retries: 1 }
  const body = {
    model: repeat.model ?? subject.model,
    messages: [{ role: 'user', content: subject.prompt }],
    temperature: repeat.temperature,
    max_tokens: repeat.maxTokens,
  }
  const parsed = completionSchema.safeParse(await postJson(target, body, signal))
  if (!parsed.success)
    throw new Error(`${url}: no chat completion: ${z.prettifyError(parsed.error)}`)
  const { choices, usage } = parsed.data
  const [choice] = choices
  if (choice === undefined) throw new Error(`${url}: no answer`)
  return {
    answer: choice.message.content,
    costUsd:
      ((usage?.prompt_tokens ?? 0) * repeat.inputUsdPerMillion +
        (usage?.completion_tokens ?? 0) * repeat.outputUsdPerMillion) /
      1e6,
  }
}
