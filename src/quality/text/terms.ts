// The words of a text that carry meaning, in one form each, for evaluators that compare what two texts speak of.

/** Content terms of a text: no stop words, lower case, plurals and verb endings off; numbers without separators. */
export function termsOf(text: string): ReadonlySet<string> {
  const terms = new Set<string>()
  for (const [word] of text.normalize('NFKC').toLowerCase().matchAll(words)) {
    const term = /\d/.test(word) ? plainNumber(word) : word.replaceAll(/['’]s?$/g, '')
    if (!stopWords.has(term)) terms.add(stem(term))
  }
  return terms
}

/** The numbers among terms, e.g. 2019, 3.5, 10000. */
export function numbersIn(terms: ReadonlySet<string>): readonly string[] {
  return [...terms].filter((term) => /^\d/.test(term))
}

/** Share of `terms` that `among` holds too, 0 to 1; 1 where there are none. */
export function shareFound(terms: ReadonlySet<string>, among: ReadonlySet<string>): number {
  if (terms.size === 0) return 1
  let found = 0
  for (const term of terms) if (among.has(term)) found += 1
  return found / terms.size
}

/** How much two sets of terms agree: the harmonic mean of the shares found both ways (F1), 0 to 1. */
export function termAgreement(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  if (left.size === 0 || right.size === 0) return left.size === right.size ? 1 : 0
  let common = 0
  for (const term of left) if (right.has(term)) common += 1
  return (2 * common) / (left.size + right.size)
}

// Scripts without spaces are read character by character.
const words =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|\d+(?:[.,]\d+)*|[\p{L}\p{M}\p{N}]+(?:['’][\p{L}]+)?/gu

function plainNumber(word: string): string {
  return word
    .replaceAll(/,(?=\d{3}(?!\d))/g, '')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')
}

/** Cuts endings so that forms of one word meet; what it gives need not be a word. */
function stem(term: string): string {
  if (term.length < 5 || /\d/.test(term))
    return term.length > 3 ? term.replace(/(?<=[^s])s$/, '') : term
  const single = term
    .replace(/ies$/, 'y')
    .replace(/(?<=[sxz]|[cs]h)es$/, '')
    .replace(/(?<=[^su])s$/, '')
  const bare = single.replace(/(?:ingly|edly|ing|ed|ly)$/, '')
  const root = bare.length >= 3 && /[aeiouy]/.test(bare) ? bare : single
  return root.replace(/([^aeiouls])\1$/, '$1').replace(/e$/, '')
}

const stopWords = new Set(
  `a about above after again all also although am an and any are as at be because been before being below between both but by
  can could did do does doing down during each either else few for from further get had has have having he her here hers him his how
  however i if in into is it its itself just let like many may me might more most much must my no nor not now of off on once one only
  or other our out over own per same shall she should since so some such than that the their them then there these they this those
  through thus to too under until up upon us very was we were what when where which while who whom whose why will with within without
  would yes yet you your`.split(/\s+/),
)
