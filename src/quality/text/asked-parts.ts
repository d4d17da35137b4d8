import { sentencesOf } from './sentences.ts'
import { shareFound, termsOf } from './terms.ts'

/** One thing that a prompt asks for. */
export interface AskedPart {
  readonly text: string
  /** Items wanted, where the prompt says how many. */
  readonly count: number | null
}

/** Parts that a prompt asks for: its listed tasks where it lists some, else each sentence that asks or orders. */
export function askedParts(prompt: string): readonly AskedPart[] {
  const end = prompt.slice(-longestPrompt)
  const listed = [...end.matchAll(/^[ \t]*(?:\d{1,2}[.)]|[-*•]|[a-h]\))[ \t]+(.{3,})$/gm)]
  // A list may as well be material, such as ingredients.
  const tasks = listed.map(([, text = '']) => text).filter(isAsked)
  const parts =
    tasks.length >= 2
      ? tasks
      : sentencesOf(end)
          .map(({ text }) => text)
          .filter(isAsked)
  return parts.map((text) => ({ text, count: countIn(text) }))
}

function isAsked(text: string): boolean {
  return text.trimEnd().endsWith('?') || order.test(text)
}

/** The question stands at the end of a long prompt, after what it is about. */
const longestPrompt = 4_000

const verbs =
  'list|name|give|write|describe|explain|compare|suggest|provide|create|generate|summari[sz]e|translate|identify|discuss|state|tell|show|find|outline|propose|mention|produce|compose|design|define|include|rewrite|classify|calculate|evaluate|analy[sz]e|recommend|make'
const order = new RegExp(
  `^(?:(?:please|also|then|finally|next|and|now|first|second|third),? )*(?:${verbs})\\b`,
  'i',
)

const numberWords = ['two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']
const counted =
  'examples?|items?|ways?|tips?|reasons?|ideas?|steps?|points?|facts?|benefits?|advantages?|disadvantages?|words|sentences?|questions?|names?|suggestions?|features?|types?|kinds?|characteristics|differences|similarities|synonyms|topics|titles|adjectives|verbs|nouns|books|movies|songs|recipes|activities|strategies|methods|quotes|slogans|countries|cities|animals|hobbies|techniques|challenges|causes|effects|uses|applications|pros|cons'
const countPattern = new RegExp(
  `\\b(\\d{1,2}|${numberWords.join('|')})\\s+(?:\\w+\\s+){0,3}?(?:${counted})\\b`,
  'i',
)
const lengthWords = /\b(?:words|sentences?)\b/i

function countIn(text: string): number | null {
  const match = countPattern.exec(text)
  // "In 50 words" bounds the length; it asks for no list.
  if (match === null || lengthWords.test(match[0])) return null
  const word = (match[1] ?? '').toLowerCase()
  const count = numberWords.includes(word) ? numberWords.indexOf(word) + 2 : Number(word)
  return count >= 2 && count <= 50 ? count : null
}

/** Share of a part's words that the answer must speak of; instructions share few words with what obeys them. */
const coveredShare = 1 / 3

/** Whether an answer takes a part up, as far as words and list items tell. */
export function isCovered({ text, count }: AskedPart, answer: string): boolean {
  if (count !== null) return itemsIn(answer) >= count
  return shareFound(subjectOf(text), termsOf(answer)) >= coveredShare
}

/** What a part is about: its content words without the order itself. */
function subjectOf(part: string): ReadonlySet<string> {
  return termsOf(part.replace(order, ' '))
}

/** List items of an answer, by marks, lines or commas, whichever shows most. */
function itemsIn(answer: string): number {
  const marked = answer.match(/^[ \t]*(?:\d{1,3}[.)]|[-*•+]|\|(?![ \t]*-))[ \t]*\S/gm)?.length ?? 0
  const lines = answer.split('\n').filter((line) => line.trim() !== '').length
  const inline = answer.match(/(?<!\w)\(?\d{1,2}[.)]\s/g)?.length ?? 0
  const separated = Math.max(
    0,
    ...sentencesOf(answer).map(
      ({ text }) => text.split(/[,;]|\band\b/).filter((item) => /\p{L}/u.test(item)).length,
    ),
  )
  return Math.max(marked, lines, inline, separated, sentencesOf(answer).length)
}
