import { sentencesOf } from './sentences.ts'

/** One place where an answer names a source. */
export interface Citation {
  /** As it stands in the answer, e.g. [2] or a URL. */
  readonly mark: string
  /** What it names: a number, or a URL without its fragment and closing slash. */
  readonly target: string
  /** The sentence that it is to support. */
  readonly sentence: string
}

/** Citations of one text that are looked at, and characters of a sentence: both bound the work. */
const mostCitations = 200
const longestSentence = 2_000

/** The first 200 citations of a text, e.g. [1], [1, 3], [2-4], 【2】, (https://…), [title](https://…). Code holds none. */
export function citationsOf(text: string): readonly Citation[] {
  const prose = text
    .replaceAll(/```[\s\S]*?(?:```|$)|`[^`\n]*`/g, ' ')
    .replaceAll(/【(\d{1,3})[^】]{0,20}】/g, '[$1]')
  const sentences = sentencesOf(prose).map((sentence) => sentence.text)
  const found = sentences.flatMap((sentence, index) => {
    const bare = sentence.replaceAll(anyMark, '').replaceAll(/[\s().,;:]+/g, '')
    // A citation that stands alone after the stop belongs to the sentence before it.
    const claim = bare === '' ? (sentences[index - 1] ?? sentence) : sentence
    return marksOf(sentence).map((mark) => ({ ...mark, sentence: claim.slice(0, longestSentence) }))
  })
  return found.slice(0, mostCitations)
}

/** The form in which URLs are compared. */
export function plainUrl(url: string): string {
  return url
    .replace(/#.*$/, '')
    .replace(/[.,;:!?)\]}'"*]+$/, '')
    .replace(/\/+$/, '')
    .replace(/^http:/, 'https:')
}

const numbers =
  /(?<![\w\])])\[(\d{1,3}(?:\s*[,–-]\s*\d{1,3})*)\](?!\()|(?<=[\w)\]])\[(\d{1,3}(?:\s*[,–-]\s*\d{1,3})*)\](?!\w|\(|\s*=)/g
const urls = /https?:\/\/[^\s<>"'`\]]+/g
const anyMark = new RegExp(`${numbers.source}|${urls.source}`, 'g')

function marksOf(sentence: string): { readonly mark: string; readonly target: string }[] {
  const numbered = [...sentence.matchAll(numbers)].flatMap((match) =>
    expanded(match[1] ?? match[2] ?? '').map((target) => ({ mark: `[${target}]`, target })),
  )
  const linked = [...sentence.matchAll(urls)].map(([url]) => {
    const target = plainUrl(balanced(url))
    return { mark: target, target }
  })
  return [...numbered, ...linked]
}

/** A closing bracket ends a URL in brackets, but belongs to one that opened it. */
function balanced(url: string): string {
  const close = url.indexOf(')')
  return close >= 0 && !url.slice(0, close).includes('(') ? url.slice(0, close) : url
}

/** Ranges longer than this are no citations but intervals. */
const longestRange = 20

function expanded(list: string): string[] {
  return list.split(',').flatMap((part) => {
    const [from = 0, to = from] = part.split(/[–-]/).map((number) => Number(number.trim()))
    if (to < from || to - from > longestRange) return []
    return Array.from({ length: to - from + 1 }, (_, index) => String(from + index))
  })
}
