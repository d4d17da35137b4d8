import { isIPv6 } from 'node:net'
import type { Detector } from './detector.ts'

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const version4 = new RegExp(`(?<![\\w.])(?:${octet}\\.){3}${octet}(?!\\.?\\w)`, 'g')
const version6 = /(?<![\w:.])[0-9A-Fa-f:]{6,39}(?![\w:])/g

/** IPv4 and IPv6 addresses. */
export const internetAddresses: Detector = {
  mayMatch: (text) => /\d\.\d{1,3}\.\d|:[\dA-Fa-f]{0,4}:/.test(text),
  replace: (text, marker) =>
    text
      .replace(version4, () => marker('ip'))
      .replace(version6, (match) => (isAddress(match) ? marker('ip') : match)),
}

/** At least three groups, so that `a::b` in source code and times of day stay. */
function isAddress(candidate: string): boolean {
  return candidate.split(':').filter((group) => group !== '').length >= 3 && isIPv6(candidate)
}
