import type { Detector } from './detector.ts'

const begin = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g
const end = /-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g

/** PEM and PGP private keys. A block whose end is missing (cut text) is taken to the end of the text. */
export const privateKeyBlocks: Detector = {
  mayMatch: (text) => text.includes('PRIVATE KEY'),
  replace: (text, marker) => {
    let rest = 0
    let clean = ''
    begin.lastIndex = 0
    for (let match = begin.exec(text); match !== null; match = begin.exec(text)) {
      clean += text.slice(rest, match.index) + marker('private_key')
      end.lastIndex = begin.lastIndex
      rest = end.exec(text) === null ? text.length : end.lastIndex
      if (rest === text.length) break
      begin.lastIndex = rest
    }
    return clean + text.slice(rest)
  },
}
