// Damage to a JSON body: first to the values, then, at times, to the text.
import { isRare, pick, type Dice } from './dice.ts'
import { nastyInteger, nastyNumber, nastyText } from './nasty.ts'

/** JSON text with one to three of its values exchanged, and perhaps damage that no parser forgives. */
export function damagedJson(json: unknown, dice: Dice): string {
  let text = JSON.stringify(json)
  for (let times = dice(3); times >= 0 && text.length < longText; times -= 1) {
    text = exchanged(text, dice)
  }
  return isRare(dice, 4) ? pick(dice, textDamages)(text, dice) : text
}

/** What is this long already has been damaged enough. */
const longText = 50_000

/** Puts something else in the place of a value or key, in the text, so that it need not be JSON. */
function exchanged(text: string, dice: Dice): string {
  const found = [...text.matchAll(token)]
  const match = found[dice(found.length)]
  const from = match?.index ?? 0
  const first = match?.[0] ?? text
  // Of lists and objects the whole.
  const to = first === '{' || first === '[' ? closing(text, from) : from + first.length
  return text.slice(0, from) + pick(dice, replacements)(text.slice(from, to), dice) + text.slice(to)
}

const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[[{]/g

function closing(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (character === '"') {
      at += 1
      while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
    } else if ('[{'.includes(character)) depth += 1
    else if (']}'.includes(character)) depth -= 1
    if (depth === 0) return at + 1
  }
  return text.length
}

type Replacement = (found: string, dice: Dice) => string

/** What one damage adds; the doors' own bounds are tried with bodies made for that. */
const mostAddedCharacters = 1_000_000

const replacements: readonly Replacement[] = [
  (_, dice) => JSON.stringify(nastyText(dice)),
  (_, dice) => JSON.stringify(nastyText(dice)),
  (_, dice) => String(nastyInteger(dice)),
  (_, dice) => JSON.stringify(String(nastyInteger(dice))),
  (_, dice) => JSON.stringify(String(nastyNumber(dice))),
  (_, dice) => JSON.stringify(nastyNumber(dice)),
  (_, dice) => pick(dice, ['null', 'true', '{}', '[]', '""', '0', '1e400', '-1e-400', '[null]']),
  (_, dice) => pick(dice, ['NaN', 'undefined', "'x'", '01', '1.', '"\\ud800"', '"\\u0000"', '']),
  (found, dice) => nested('[', ']', found, depthOf(dice)),
  (found, dice) => nested('{"a":', '}', found, depthOf(dice)),
  (found, dice) => nested('{"arrayValue":{"values":[', ']}}', found, depthOf(dice)),
  function repeat(found, dice) {
    const times = 1 + dice(isRare(dice, 60) ? 4_000 : 8)
    const most = Math.ceil(mostAddedCharacters / (1 + found.length))
    return `[${Array.from({ length: Math.min(times, most) }, () => found).join(',')}]`
  },
  (found) => `{"__proto__":${found},"constructor":${found}}`,
  (found) => (found.startsWith('{') ? `{"a":1,${found.slice(1)}` : found),
  (found) =>
    found.startsWith('{') && found.length > 2 ? `${found.slice(0, -1)},${found.slice(1)}` : found,
]

function depthOf(dice: Dice): number {
  return pick(dice, [1, 5, 31, 40, 400, isRare(dice, 40) ? 60_000 : 1_000])
}

function nested(open: string, close: string, found: string, depth: number): string {
  return open.repeat(depth) + found + close.repeat(depth)
}

const textDamages: readonly Replacement[] = [
  (text, dice) => text.slice(0, dice(text.length)),
  (text) => `\ufeff${text}`,
  (text) => `${text}${text}`,
  (text, dice) => `${text}${pick(dice, [',', '}', '\u0000', ' garbage', '\n'])}`,
  (text) => text.replaceAll('"', "'"),
  (text) => `[${text}]`,
  (text) => JSON.stringify(text),
]
