import type { Detector } from './detector.ts'

// Groups of a card have at least three digits. A match can only grow, so the pattern never backtracks.
const run = /\d{3,}(?:[ -]\d{3,})*/g

/** Payment card numbers of 13 to 19 digits that pass Luhn, compact or in groups. */
export const paymentCards: Detector = {
  mayMatch: (text) => /\d[\d -]{11}\d/.test(text),
  replace: (text, marker) =>
    text.replace(run, (match) => (match.length < 13 ? match : redactRun(match, marker))),
}

/** Cards may stand beside other groups (expiry, check digits), so each window of whole groups is tried. */
function redactRun(text: string, marker: (kind: string) => string): string {
  const groups = [...text.matchAll(/\d+/g)]
  let clean = ''
  let rest = 0
  for (let first = 0; first < groups.length; first += 1) {
    const start = groups[first]?.index ?? 0
    const end = start < rest ? undefined : cardEnd(groups, first)
    if (end === undefined) continue
    clean += text.slice(rest, start) + marker('card')
    rest = end
  }
  return clean + text.slice(rest)
}

/** Where the card that starts with this group ends. */
function cardEnd(groups: readonly RegExpExecArray[], first: number): number | undefined {
  let digits = ''
  for (const group of groups.slice(first, first + 6)) {
    if (digits.length + group[0].length > 19) return undefined
    digits += group[0]
    if (digits.length >= 13 && /^[2-6]/.test(digits) && passesLuhn(digits)) {
      return group.index + group[0].length
    }
  }
  return undefined
}

/** ISO/IEC 7812: every second digit from the right doubled, digits summed, divisible by ten. */
function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits.charAt(digits.length - 1 - index)) * (index % 2 === 0 ? 1 : 2)
    sum += digit > 9 ? digit - 9 : digit
  }
  return sum % 10 === 0
}
