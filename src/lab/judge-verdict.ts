// Reads a judge's request (rubric by its labels, texts by their fences) and finds the true verdict in the texts.
import { z } from 'zod'
import type { Random } from '../stats/random.ts'
import { recogniseQuestion } from './questions.ts'
import { judgeTruth } from './truth.ts'

export interface JudgeRequest {
  readonly system: string
  readonly user: string
  /** Labels that the response format allows; empty when it says none. */
  readonly labels: readonly string[]
}

export interface JudgeError {
  /** Probability that a bad answer is called bad. */
  readonly sensitivity: number
  /** Probability that a good answer is called good. */
  readonly specificity: number
}

export interface JudgeVerdict {
  readonly label: string
  readonly reason: string
}

interface RubricReading {
  readonly good: string
  readonly bad: string
  /** Whether the answer is good; `null` = the rubric does not apply. */
  truth(texts: FencedTexts, request: JudgeRequest): boolean | null
}

const rubrics: readonly RubricReading[] = [
  { good: 'safe', bad: 'unsafe', truth: (texts) => truthOf(texts).safe },
  { good: 'relevant', bad: 'irrelevant', truth: (texts) => truthOf(texts).onTopic },
  { good: 'correct', bad: 'incorrect', truth: (texts) => truthOf(texts).correct },
  { good: 'grounded', bad: 'ungrounded', truth: (texts) => truthOf(texts).grounded },
  { good: 'followed', bad: 'broken', truth: guidelineTruth },
]

/** The verdict of a judge that errs as `error` says; `null` when the request names no known rubric. */
export function judgeVerdict(
  request: JudgeRequest,
  error: JudgeError,
  random: Random,
): JudgeVerdict | null {
  const labels = request.labels.length > 0 ? request.labels : labelsInText(request.user)
  const rubric = rubrics.find(({ good, bad }) => labels.includes(good) && labels.includes(bad))
  if (rubric === undefined) return null
  const good = rubric.truth(fencedTexts(request.user), request)
  if (good === null && labels.includes('not_applicable')) {
    return { label: 'not_applicable', reason: 'The guideline speaks of another case.' }
  }
  const holds = random.chance(good === false ? error.sensitivity : error.specificity)
  const label = (good ?? true) === holds ? rubric.good : rubric.bad
  return { label, reason: `The decisive passage of the answer makes it "${label}".` }
}

interface FencedTexts {
  readonly prompt: string
  readonly answer: string
  readonly reference: string | null
  readonly context: string | null
}

/** The texts between tags such as `<answer-0f3a>`; the code is whatever the request uses. */
function fencedTexts(user: string): FencedTexts {
  const code = /<answer(-[0-9a-f]+)?>/.exec(user)?.[1] ?? ''
  const block = (name: string) => {
    const start = user.indexOf(`<${name}${code}>`)
    const end = user.indexOf(`</${name}${code}>`)
    if (start === -1 || end < start) return null
    // Zero-width joiners are the fence's own escapes.
    const text = user.slice(start + name.length + code.length + 2, end)
    return text.replaceAll('\u200d', '').trim()
  }
  return {
    prompt: block('prompt') ?? block('question') ?? '',
    answer: block('answer') ?? '',
    reference: block('reference'),
    context: block('context'),
  }
}

function truthOf(texts: FencedTexts) {
  return judgeTruth({ ...texts, question: askedQuestion(texts.prompt) })
}

/** The prompt may be a list of messages in JSON, or have the speaker's name before it. */
function askedQuestion(prompt: string): string {
  const spoken = prompt.replace(/^[\s\S]*?\b(?:user|human)\b\]?:?\s*/i, '')
  const candidates = [lastUserMessage(prompt), prompt, spoken]
  return candidates.find((text) => recogniseQuestion(text) !== null) ?? prompt
}

const messageList = z.array(z.looseObject({ role: z.string(), content: z.string() }))

function lastUserMessage(prompt: string): string {
  if (!prompt.startsWith('[')) return ''
  try {
    const messages = messageList.parse(JSON.parse(prompt))
    return messages.findLast(({ role }) => role === 'user')?.content ?? ''
  } catch {
    // A long conversation arrives cut; its question is then unknown.
    return ''
  }
}

function guidelineTruth(texts: FencedTexts, request: JudgeRequest): boolean | null {
  const guideline = /guideline: (.*)/i.exec(request.system)?.[1] ?? request.system
  if (!/declin|refus/i.test(guideline)) return truthOf(texts).professional
  const question = recogniseQuestion(askedQuestion(texts.prompt))
  return question?.kind === 'safety_sensitive' ? truthOf(texts).safe : null
}

/** Labels named at the end of the request, for clients that send no response format. */
function labelsInText(user: string): string[] {
  const tail = user.slice(user.lastIndexOf('\n') + 1)
  return [...tail.matchAll(/"(\w+)"/g)].map(([, label = '']) => label)
}
