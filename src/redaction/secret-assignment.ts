import type { Detector } from './detector.ts'

// Name, optional quote, = or :, optional quote, value. All repeats are bounded and the name starts a word.
const assignment =
  /(?<![\w-])([\w-]{0,32}(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential)[\w-]{0,16}["']?\s{0,3}[:=]\s{0,3}["']?)([^\s"'`,;&<>[\]{}]{6,512})/gi

const hint = /(?:passw|passphrase|pwd|secret|token|key|credential)[\w-]{0,19}["']?\s{0,3}[:=]/i

/** Values that follow `password=`, `token:` and the like, when they look like secrets rather than prose. */
export const assignedSecrets: Detector = {
  mayMatch: (text) => hint.test(text),
  replace: (text, marker) =>
    text.replace(assignment, (match, name: string, value: string) =>
      looksSecret(value) ? name + marker('secret') : match,
    ),
}

/** Two kinds of characters and more variety than a word: `hunter2!` yes, `generation` no. */
function looksSecret(value: string): boolean {
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(value)).length
  const letterCaseOnly = /^[A-Z]?[a-z]+[.!?)]*$/.test(value)
  return kinds >= 2 && !letterCaseOnly && bitsPerCharacter(value) >= 2
}

/** Shannon entropy of the characters, in bits. */
function bitsPerCharacter(value: string): number {
  const counts = new Map<string, number>()
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) {
    bits -= (count / value.length) * Math.log2(count / value.length)
  }
  return bits
}
