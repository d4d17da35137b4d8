import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { sendJson } from './loopback-server.ts'
import { usageBody, type Dialect, type Usage } from './openai-wire.ts'

/** Where an answer's tokens go as the engine makes them. */
export interface AnswerSink {
  token(index: number): void
  finish(usage: Usage): void
}

export interface Answer {
  readonly dialect: Dialect
  readonly model: string
  readonly tokens: readonly string[]
  readonly finishReason: string
  readonly includeUsage: boolean
}

/** One server-sent event a token, as vLLM writes them: role, tokens, finish, usage if asked for, `[DONE]`. */
export function streamAnswer(response: ServerResponse, answer: Answer): AnswerSink {
  const { dialect } = answer
  const head = `data: {"id":"${dialect.idPrefix}${randomUUID()}","object":"${dialect.chunkObject}","created":${epochSeconds()},"model":${JSON.stringify(answer.model)},"choices":`
  const [before, after] = [`${head}${dialect.token[0]}`, `${dialect.token[1]}}\n\n`]
  let opened = false
  const open = () => {
    if (opened) return
    opened = true
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    if (dialect.opening !== null) response.write(`${head}${dialect.opening}}\n\n`)
  }
  return {
    token: (index) => {
      open()
      response.write(before + JSON.stringify(answer.tokens[index] ?? '') + after)
    },
    finish: (usage) => {
      open()
      const usageEvent = answer.includeUsage
        ? `${head}[],"usage":${JSON.stringify(usageBody(usage))}}\n\n`
        : ''
      response.end(
        `${head}${dialect.finish(answer.finishReason)}}\n\n${usageEvent}data: [DONE]\n\n`,
      )
    },
  }
}

/** The whole answer as one JSON body once the last token is made. */
export function bufferAnswer(response: ServerResponse, answer: Answer): AnswerSink {
  const { dialect } = answer
  return {
    token: () => {},
    finish: (usage) =>
      sendJson(response, 200, {
        id: `${dialect.idPrefix}${randomUUID()}`,
        object: dialect.object,
        created: epochSeconds(),
        model: answer.model,
        choices: [dialect.choice(answer.tokens.join(''), answer.finishReason)],
        usage: usageBody(usage),
        prompt_logprobs: null,
        kv_transfer_params: null,
      }),
  }
}

function epochSeconds(): number {
  return Math.floor(Date.now() / 1_000)
}
