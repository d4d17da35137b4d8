// Whether a passage supports a sentence, as far as words can tell.
import { sentencesOf } from './sentences.ts'
import { numbersIn, shareFound, termsOf } from './terms.ts'

/** A text prepared for the search of support. */
export interface Passages {
  readonly sentences: readonly { readonly text: string; readonly terms: ReadonlySet<string> }[]
  readonly terms: ReadonlySet<string>
}

export interface Support {
  /** Content words of the sentence. */
  readonly terms: number
  /** Share of them that its best passage holds, 0 to 1. */
  readonly share: number
  /** What speaks against it however many words fit; `null` = nothing. */
  readonly fault: string | null
}

/** Characters of a context that are read. */
const longestContext = 200_000

export function passagesOf(context: string): Passages {
  const sentences = sentencesOf(context.slice(0, longestContext)).map(({ text }) => ({
    text,
    terms: termsOf(text),
  }))
  return { sentences, terms: new Set(sentences.flatMap(({ terms }) => [...terms])) }
}

/** How well the passages support one sentence. */
export function supportOf(sentence: string, { sentences, terms: all }: Passages): Support {
  const terms = termsOf(withoutCitations(sentence))
  const absent = numbersIn(terms).filter((number) => !all.has(number))
  const ranked = sentences.map((candidate) => shareFound(terms, candidate.terms))
  const best = ranked.indexOf(Math.max(...ranked, 0))
  return {
    terms: terms.size,
    share: bestWindow(terms, sentences),
    fault:
      absent.length > 0
        ? `${absent.slice(0, 3).join(', ')} is not in the context`
        : denial(sentence, { nearest: sentences[best]?.text, share: ranked[best] ?? 0 }),
  }
}

/** Neighbouring sentences that may support one together: a claim often sums up two or three. */
const windowSentences = 3

function bestWindow(terms: ReadonlySet<string>, sentences: Passages['sentences']): number {
  let best = 0
  for (let start = 0; start < sentences.length; start += 1) {
    const window = sentences.slice(start, start + windowSentences)
    let found = 0
    for (const term of terms) if (window.some((candidate) => candidate.terms.has(term))) found += 1
    best = Math.max(best, terms.size === 0 ? 1 : found / terms.size)
  }
  return best
}

/** Only nearly the same sentence can be denied: in a looser match the "not" belongs to something else. */
const denialShare = 0.8
const negation = /\b(?:not|never|no|none|cannot|without|neither|nor)\b|n['’]t\b/i

function denial(
  sentence: string,
  { nearest, share }: { readonly nearest: string | undefined; readonly share: number },
): string | null {
  if (nearest === undefined || share < denialShare) return null
  if (negation.test(sentence) === negation.test(nearest)) return null
  return `the context says otherwise: ${JSON.stringify(nearest.slice(0, 120))}`
}

function withoutCitations(sentence: string): string {
  return sentence.replaceAll(/\[\d[\d,\s–-]*\]|https?:\/\/\S+/g, ' ')
}
