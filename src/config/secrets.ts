// Which places of a configuration hold secrets, and how a source line is shown without them.
import { editDistance } from './nearest.ts'

export type Path = readonly (string | number)[]

/** Offsets of the text: first character, one past the last. */
export type Range = readonly [start: number, end: number]

/** What stands in for a secret wherever a person or a log could read it. */
export const hidden = '(hidden)'

const secretPart =
  /token$|secret|passw|passphrase|apikey|accesskey|privatekey|credential|authoriz|bearer/
const secretWords = [
  'key',
  'keys',
  'token',
  'tokens',
  'apikey',
  'password',
  'secret',
  'credential',
  'authorization',
]
const publicKeys: readonly unknown[] = ['name', 'role', 'tenant']

/** True when the value at this path must not be shown; mistyped names of secrets count, since their value is one. */
export function isSecret(path: Path): boolean {
  const keys = path.filter((segment) => typeof segment === 'string')
  const last = keys.at(-1)
  if (last === undefined || publicKeys.includes(last)) return false
  // A webhook's address carries its own credential.
  const notifierUrl = keys.includes('notifiers') && /url$/i.test(last)
  return notifierUrl || keys.includes('headers') || keys.some(namesSecret)
}

/** A source line with the secrets of `ranges` replaced, and where `column` (0-based) then lies. */
export function maskLine(
  line: { readonly text: string; readonly offset: number },
  ranges: readonly Range[],
  column: number,
): { text: string; column: number } {
  let text = ''
  let shown = column
  let from = 0
  for (const [start, end] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const first = Math.max(from, start - line.offset)
    const last = Math.min(line.text.length, end - line.offset)
    if (last <= first) continue
    const joined = first === from && text.endsWith(hidden)
    text += joined ? '' : line.text.slice(from, first) + hidden
    from = last
    if (column >= last) shown += (joined ? 0 : hidden.length) - (last - first)
    else if (column > first) shown -= column - first
  }
  return { text: text + line.text.slice(from), column: shown }
}

const assignment =
  /(?<name>[\w-]*(?:token|secret|passw|key|credential|authoriz)\w*["']?\s*[:=]\s*)(?!\$\{\w+\}\s*$)(?<value>\S.*)$/dgi

/** Ranges that look like secrets in text that is no valid YAML, where only the words can tell. */
export function secretRangesByWord(text: string): Range[] {
  let offset = 0
  return text.split('\n').flatMap((line) => {
    const found = [...line.matchAll(assignment)].flatMap((match): Range[] => {
      const [start, end] = match.indices?.groups?.['value'] ?? [0, 0]
      return [[offset + start, offset + end]]
    })
    offset += line.length + 1
    return found
  })
}

/** Ranges of `user:password` within addresses. */
export function credentialRanges(text: string): Range[] {
  return [...text.matchAll(/(?<=\/\/)[^/@\s]+(?=@)/g)].map((match) => [
    match.index,
    match.index + match[0].length,
  ])
}

function namesSecret(key: string): boolean {
  const word = key.toLowerCase().replaceAll(/[_-]/g, '')
  const typos = word.length < 5 ? 1 : 2
  return secretPart.test(word) || secretWords.some((secret) => editDistance(word, secret) <= typos)
}
