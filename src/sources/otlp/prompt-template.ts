import { createHash } from 'node:crypto'
import { textOf } from './facts.ts'
import { names } from './names.ts'
import type { Attributes } from './wire/any-value.ts'

/** Name and version of the prompt template; one that only its text is known of is named by its hash. */
export function templateOf(attributes: Attributes): {
  readonly promptTemplate: string
  readonly promptVersion: string
} {
  const text = textOf(attributes, names.promptText)
  const name = textOf(attributes, names.promptName)
  const version = textOf(attributes, names.promptVersion)
  return {
    promptTemplate: (name || (text === '' ? '' : hashed(text))).slice(0, 200),
    promptVersion: version.slice(0, 200),
  }
}

function hashed(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
}
