// Prose cut into sentences, good enough to quote one of them as evidence.

export interface Sentence {
  readonly text: string
  /** Where it starts in the text that was cut. */
  readonly start: number
}

/** Sentences of a text. Line breaks end one too; code blocks, table rules and list marks belong to none. */
export function sentencesOf(text: string): readonly Sentence[] {
  const prose = text.replaceAll(/```[\s\S]*?(?:```|$)/g, (block) => block.replaceAll(/[^\n]/g, ' '))
  const found: Sentence[] = []
  for (const line of prose.matchAll(/[^\n]+/g)) {
    const mark = /^\s*(?:(?:[-*•+]|#{1,6}|>|\d{1,3}[.)])\s+)?/.exec(line[0])?.[0].length ?? 0
    for (const sentence of cut(line[0].slice(mark))) {
      found.push({ text: sentence.text, start: line.index + mark + sentence.start })
    }
  }
  return found
}

function cut(line: string): Sentence[] {
  const found: Sentence[] = []
  let start = 0
  const add = (end: number) => {
    const raw = line.slice(start, end)
    const text = raw.trim()
    // Rules of tables and lone marks say nothing.
    if (/[\p{L}\p{N}]/u.test(text)) found.push({ text, start: start + raw.indexOf(text) })
    start = end
  }
  for (const stop of line.matchAll(stops)) {
    const end = stop.index + stop[0].length
    if (!isAbbreviation(line, stop.index)) add(end)
  }
  add(line.length)
  return found
}

// A stop with its closing marks and citations, before a space and something that can open a sentence; East Asian
// stops need no space.
const stops =
  /[.!?…]+["'”’)\]]*(?:\s?\[\d[\d,\s-]*\])*(?=\s+["'“‘([]?[\p{Lu}\p{N}\p{Lo}])|[。！？]+/gu

const abbreviations = new Set(
  'mr mrs ms dr prof st vs etc e.g i.e cf no fig eq jr sr inc ltd co approx dept est al ca ph.d u.s u.k a.m p.m z.b d.h bzw ca usw nr'.split(
    ' ',
  ),
)

function isAbbreviation(line: string, stop: number): boolean {
  if (line.charAt(stop) !== '.') return false
  const word = /[\p{L}.]*$/u.exec(line.slice(Math.max(0, stop - 12), stop))?.[0] ?? ''
  // A single capital is an initial: J. Smith.
  return abbreviations.has(word.toLowerCase()) || /^\p{Lu}$/u.test(word)
}
