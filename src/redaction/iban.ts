import type { Detector } from './detector.ts'

/** Length of an IBAN by country, from the SWIFT registry. */
const lengths: Readonly<Record<string, number>> = {
  AD: 24,
  AE: 23,
  AL: 28,
  AT: 20,
  AZ: 28,
  BA: 20,
  BE: 16,
  BG: 22,
  BH: 22,
  BR: 29,
  BY: 28,
  CH: 21,
  CR: 22,
  CY: 28,
  CZ: 24,
  DE: 22,
  DK: 18,
  DO: 28,
  EE: 20,
  EG: 29,
  ES: 24,
  FI: 18,
  FO: 18,
  FR: 27,
  GB: 22,
  GE: 22,
  GI: 23,
  GL: 18,
  GR: 27,
  GT: 28,
  HR: 21,
  HU: 28,
  IE: 22,
  IL: 23,
  IQ: 23,
  IS: 26,
  IT: 27,
  JO: 30,
  KW: 30,
  KZ: 20,
  LB: 28,
  LC: 32,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  LY: 25,
  MC: 27,
  MD: 24,
  ME: 22,
  MK: 19,
  MR: 27,
  MT: 31,
  MU: 30,
  NL: 18,
  NO: 15,
  PK: 24,
  PL: 28,
  PS: 29,
  PT: 25,
  QA: 29,
  RO: 24,
  RS: 22,
  SA: 24,
  SC: 31,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  ST: 25,
  SV: 28,
  TL: 23,
  TN: 24,
  TR: 26,
  UA: 29,
  VA: 22,
  VG: 24,
  XK: 20,
}

const candidate = /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}/g

/** Bank account numbers, compact or in groups of four; the country gives the length and mod 97 decides. */
export const internationalBankAccounts: Detector = {
  mayMatch: (text) => /[A-Za-z]{2}\d{2}[ -]?[A-Za-z0-9]/.test(text),
  replace: (text, marker) =>
    text.replace(candidate, (match) => {
      const length = lengths[match.slice(0, 2).toUpperCase()]
      const end = length === undefined ? undefined : endOf(match, length)
      if (end === undefined || !isValid(match.slice(0, end))) return match
      return marker('iban') + match.slice(end)
    }),
}

/** Index just after the given number of letters and digits; `undefined` when there are fewer or the word goes on. */
function endOf(text: string, length: number): number | undefined {
  let seen = 0
  for (let index = 0; index < text.length; index += 1) {
    if (/[ -]/.test(text.charAt(index))) continue
    seen += 1
    if (seen === length) return /[A-Za-z0-9]/.test(text.charAt(index + 1)) ? undefined : index + 1
  }
  return undefined
}

/** ISO 7064 mod 97-10: the first four characters moved to the end, letters as 10 to 35, leave 1. */
function isValid(text: string): boolean {
  const compact = text.replaceAll(/[ -]/g, '').toUpperCase()
  let remainder = 0
  for (const character of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(character, 36)
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
  }
  return remainder === 1
}
