import { asText, isMap, structureOf, textOf, valueOf } from './facts.ts'
import { names } from './names.ts'
import type { Attributes } from './wire/any-value.ts'

/** Id of the answer; OpenInference has no name for it, but keeps the whole answer. Empty when neither says it. */
export function responseIdOf(attributes: Attributes): string {
  const told = textOf(attributes, names.responseId)
  if (told !== '') return told.slice(0, mostLength)
  const answer = structureOf(valueOf(attributes, ['output.value']))
  const isAnswer = isMap(answer) && answerIds.test(asText(answer['id']))
  return isAnswer ? asText(answer['id']).slice(0, mostLength) : ''
}

/** What servers of the OpenAI API call their answers: another object that happens to have an id is none. */
const answerIds = /^(chatcmpl|cmpl|resp|embd)[-_]/

const mostLength = 200
