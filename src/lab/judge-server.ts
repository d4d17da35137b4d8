// An emulated LLM judge: OpenAI-compatible, with a known error rate, its own latency and ways to misbehave.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { UserError } from '../records/failure.ts'
import { judgeVerdict, type JudgeError, type JudgeRequest } from './judge-verdict.ts'
import { listenOnLoopback, readJson, sendJson } from './loopback-server.ts'
import { chatDialect, chatRequest, countWords, messageTexts } from './openai-wire.ts'
import { parseBody, usageBody, type ChatRequest } from './openai-wire.ts'
import { createRandom, type Random } from '../stats/random.ts'

/**
 * `slow` takes a hundred times as long, `hanging` never answers, `nonsense` answers prose, `rate_limited` answers
 * 429, `costly` counts twice the tokens, `renamed` says that another model answered.
 */
type JudgeMode = 'normal' | 'nonsense' | 'slow' | 'hanging' | 'rate_limited' | 'costly' | 'renamed'

export interface JudgeServerOptions extends JudgeError {
  /** 0 = any free port. */
  readonly port: number
  readonly model: string
  readonly seed: number | string
  readonly medianLatencyMs: number
  /** Standard deviation of the logarithm of the latency. */
  readonly latencySpread: number
}

export interface JudgeServer {
  readonly url: string
  readonly model: string
  requests(): number
  setMode(mode: JudgeMode): void
  close(): Promise<void>
}

export const judgeDefaults = {
  model: 'lab-judge-1',
  sensitivity: 0.95,
  specificity: 0.98,
  medianLatencyMs: 150,
  latencySpread: 0.35,
} as const

/** Starts the judge on loopback. Its errors depend on the seed and on the texts: asked again, it says the same. */
export async function startJudgeServer(options: JudgeServerOptions): Promise<JudgeServer> {
  const timers = new Set<NodeJS.Timeout>()
  const latencies = createRandom(`${options.seed}/latency`)
  let mode: JudgeMode = 'normal'
  let requests = 0

  const judge = async (request: IncomingMessage, response: ServerResponse) => {
    const body = parseBody(judgeRequest, await readJson(request))
    requests += 1
    if (mode === 'rate_limited') return refuse(response)
    if (mode === 'hanging') return
    const model = mode === 'renamed' ? `${options.model}-next` : options.model
    const usageFactor = mode === 'costly' ? 2 : 1
    const latencyMs = drawLatencyMs(options, latencies) * (mode === 'slow' ? 100 : 1)
    const content = mode === 'nonsense' ? nonsense : verdictText(options, body)
    const timer = setTimeout(() => {
      timers.delete(timer)
      sendJson(response, 200, completion({ model, usageFactor }, body, content))
    }, latencyMs)
    timers.add(timer)
    response.on('close', () => {
      clearTimeout(timer)
      timers.delete(timer)
    })
  }

  const server = await listenOnLoopback(options.port, async (request, response) => {
    const route = `${request.method} ${request.url}`
    if (route === 'POST /v1/chat/completions') return judge(request, response)
    if (route === 'GET /health') return sendJson(response, 200, {})
    if (route === 'GET /v1/models') {
      return sendJson(response, 200, {
        object: 'list',
        data: [{ id: options.model, object: 'model', created: 0, owned_by: 'lab' }],
      })
    }
    throw new UserError(`Not found: ${route}.`, { status: 404 })
  })
  return {
    url: server.url,
    model: options.model,
    requests: () => requests,
    setMode: (changed) => {
      mode = changed
    },
    close: async () => {
      for (const timer of timers) clearTimeout(timer)
      await server.close()
    },
  }
}

const nonsense =
  'Well, it depends. As a poet once said, the answer is blowing in the wind {"label":'

const judgeRequest = z.intersection(
  chatRequest,
  z.looseObject({ response_format: z.unknown().optional() }),
)

function verdictText(
  options: JudgeServerOptions,
  body: ChatRequest & { readonly response_format?: unknown },
): string {
  const request = readRequest(body)
  const random = createRandom(`${options.seed}/${request.system}/${withoutCode(request.user)}`)
  const verdict = judgeVerdict(request, options, random)
  if (verdict === null) {
    throw new UserError('The request names no rubric that this judge knows by its labels.')
  }
  return JSON.stringify({ reason: verdict.reason, label: verdict.label })
}

function readRequest(body: ChatRequest & { readonly response_format?: unknown }): JudgeRequest {
  const texts = messageTexts(body)
  const speech = (role: string) =>
    texts.filter((_, index) => body.messages[index]?.role === role).join('\n')
  return {
    system: speech('system'),
    user: speech('user'),
    labels: enumOf(body.response_format) ?? [],
  }
}

/** The first `enum` anywhere in a JSON schema. */
function enumOf(value: unknown): string[] | null {
  if (typeof value !== 'object' || value === null) return null
  if ('enum' in value && Array.isArray(value.enum)) return value.enum.map(String)
  for (const child of Object.values(value)) {
    const found = enumOf(child)
    if (found !== null) return found
  }
  return null
}

/** Fence codes are random in each request and must not change the verdict. */
function withoutCode(user: string): string {
  return user.replaceAll(/\b[0-9a-f]{16}\b/g, '')
}

function drawLatencyMs(options: JudgeServerOptions, random: Random): number {
  return options.medianLatencyMs * Math.exp(options.latencySpread * random.normal())
}

function refuse(response: ServerResponse): void {
  response.setHeader('retry-after', '1')
  sendJson(response, 429, {
    error: { message: 'Rate limit reached.', type: 'rate_limit_error', param: null, code: 429 },
  })
}

function completion(
  { model, usageFactor }: { readonly model: string; readonly usageFactor: number },
  body: ChatRequest,
  content: string,
) {
  const promptTokens = messageTexts(body).reduce((sum, text) => sum + countWords(text), 0)
  return {
    id: `${chatDialect.idPrefix}judge`,
    object: chatDialect.object,
    created: Math.floor(Date.now() / 1_000),
    model,
    choices: [chatDialect.choice(content, 'stop')],
    usage: usageBody({
      promptTokens: promptTokens * usageFactor,
      completionTokens: countWords(content) * usageFactor,
      cachedTokens: 0,
    }),
  }
}
