// A rubric of the operator's own, written in YAML.
import { readFileSync } from 'node:fs'
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { messageOf } from '../../records/failure.ts'
import type { Rubric } from './rubric.ts'

/** A rubric with the version that its author gave it and the dimension that it feeds. */
export interface WrittenRubric extends Rubric {
  readonly version: number
  readonly dimension: string
  /** Attributes that the question needs besides prompt and answer. */
  readonly needs: readonly ('reference' | 'context')[]
}

const text = z.string().trim().min(1)
const word = z.string().regex(/^[a-z]+(_[a-z0-9]+)*$/, 'expected snake_case, e.g. politeness')

const schema = z
  .strictObject({
    name: word,
    version: z.int().min(1),
    dimension: word,
    question: text,
    needs: z.array(z.enum(['reference', 'context'])).default([]),
    labels: z
      .array(
        z.strictObject({
          label: word,
          value: z.number().min(0).max(1).nullable(),
          means: text,
        }),
      )
      .min(2, 'expected two labels at least'),
    rules: z.array(text).min(1, 'expected one rule at least'),
    example: z.strictObject({
      prompt: text,
      reference: text.exactOptional(),
      context: text.exactOptional(),
      answer: text,
      label: word,
      reason: text,
    }),
    whenUnsure: word,
  })
  .superRefine((rubric, context) => {
    const labels = rubric.labels.map(({ label }) => label)
    const known = `expected one of the labels: ${labels.join(', ')}`
    const complain = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message })
    labels.forEach((label, index) => {
      if (labels.indexOf(label) < index) complain(['labels', index, 'label'], 'is there twice')
    })
    if (!labels.includes(rubric.whenUnsure)) complain(['whenUnsure'], known)
    if (!labels.includes(rubric.example.label)) complain(['example', 'label'], known)
    const values = rubric.labels.map(({ value }) => value)
    if (!values.includes(1)) complain(['labels'], 'one label must have value 1: 1 is good')
    if (!values.includes(0)) complain(['labels'], 'one label must have value 0: 0 is bad')
  })

/** The rubric in a file, or each fault of it with its line. */
export function readRubricFile(
  file: string,
): { readonly rubric: WrittenRubric } | { readonly faults: readonly string[] } {
  try {
    return rubricOf(file, readFileSync(file, 'utf8'))
  } catch (error) {
    return { faults: [`${file} cannot be read: ${messageOf(error)}`] }
  }
}

/** @param file as it is named in faults */
export function rubricOf(
  file: string,
  yaml: string,
): { readonly rubric: WrittenRubric } | { readonly faults: readonly string[] } {
  const lines = new LineCounter()
  const document = parseDocument(yaml, { prettyErrors: false, lineCounter: lines })
  const place = (offset: number) => `${file}:${lines.linePos(offset).line}`
  if (document.errors.length > 0) {
    return { faults: document.errors.map(({ pos, message }) => `${place(pos[0])}: ${message}`) }
  }
  const parsed = schema.safeParse(document.toJS())
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => {
      const keys = path.map((part) => (typeof part === 'number' ? part : String(part)))
      return `${place(offsetOf(document, keys))}: ${keys.join('.') || 'the file'}: ${message}`
    })
    return { faults }
  }
  const { example, ...rest } = parsed.data
  const { prompt, reference, context, answer, label, reason } = example
  const between = { reference, context }
  const blocks = [
    { name: 'prompt' as const, text: prompt },
    ...(['reference', 'context'] as const).flatMap((name) => {
      const given = between[name]
      return given === undefined ? [] : [{ name, text: given }]
    }),
    { name: 'answer' as const, text: answer },
  ]
  return { rubric: { ...rest, example: { blocks, label, reason } } }
}

/** Where a path is written; where it is missing, its nearest ancestor. */
function offsetOf(
  document: ReturnType<typeof parseDocument>,
  path: readonly (string | number)[],
): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
      return Number(node.range[0])
    }
  }
  return 0
}
