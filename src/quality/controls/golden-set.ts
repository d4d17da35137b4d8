// Answers whose verdicts are known, read from a JSONL file.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { messageOf, UserError } from '../../records/failure.ts'
import { contentHash } from '../content-hash.ts'

/** One answer of the golden set. */
export interface GoldenAnswer {
  /** Hash of what is judged: a line that is changed is another answer. */
  readonly id: string
  readonly prompt: string
  readonly answer: string
  readonly attributes: Readonly<Record<string, string>>
  /** Expected label by kind of evaluator. */
  readonly expected: Readonly<Record<string, string>>
}

const line = z.strictObject({
  prompt: z.string().min(1),
  answer: z.string().min(1),
  reference: z.string().exactOptional(),
  context: z.string().exactOptional(),
  expected: z
    .record(z.string(), z.string())
    .refine((labels) => Object.keys(labels).length > 0, 'expected one label at least'),
})

/** Reads the file; throws a `UserError` that names the line, what was expected and an example. */
export function readGoldenSet(file: string): readonly GoldenAnswer[] {
  const answers = contentOf(file)
    .split('\n')
    .flatMap((text, index) =>
      text.trim() === '' ? [] : [goldenAnswer(text, `${file}:${index + 1}`)],
    )
  if (answers.length === 0) throw new UserError(`${file}: no answer in it; ${example}`)
  return answers
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UserError(`quality.golden.file: ${file} cannot be read: ${messageOf(error)}`)
  }
}

function goldenAnswer(text: string, place: string): GoldenAnswer {
  const parsed = line.safeParse(jsonOf(text, place))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const at = issue?.path.join('.') ?? ''
    throw new UserError(`${place}: ${at === '' ? 'the line' : at}: ${issue?.message}; ${example}`)
  }
  const { prompt, answer, expected, ...attributes } = parsed.data
  return { id: contentHash([prompt, answer, attributes]), prompt, answer, expected, attributes }
}

function jsonOf(text: string, place: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UserError(`${place}: no JSON (${messageOf(error)}); ${example}`)
  }
}

const example =
  'expected a line such as {"prompt": "…", "answer": "…", "expected": {"judge_safety": "safe"}}'
