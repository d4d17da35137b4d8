// The request that the judge gets. Whatever stands here can change a verdict, so all of it is hashed into versions.
import { responseFormat } from './judge-reply.ts'

export interface JudgeQuestion {
  readonly system: string
  readonly user: string
  readonly labels: readonly string[]
}

/** Longest verdict in tokens; a reasoning judge thinks within it. */
export const longestVerdictTokens = 1_024

/**
 * One chat completion as JSON.
 * @param isSecondTry adds the reminder that the last reply was not the object that was asked for
 */
export function judgeBody(model: string, question: JudgeQuestion, isSecondTry: boolean): string {
  const user = isSecondTry ? `${question.user}\n${reminder}` : question.user
  return JSON.stringify({
    model,
    messages: [
      { role: 'system', content: question.system },
      { role: 'user', content: user },
    ],
    temperature: 0,
    max_tokens: longestVerdictTokens,
    response_format: responseFormat(question.labels),
  })
}

const reminder =
  'Your last reply was not the JSON object that was asked for. Reply with that object and nothing else.'
