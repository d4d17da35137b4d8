// An emulated vLLM server: OpenAI's API in front of one emulated engine, metrics under vLLM's names.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { UserError } from '../records/failure.ts'
import { answerQuestion, type AnswerProfile } from './answers.ts'
import { bufferAnswer, streamAnswer } from './answer-stream.ts'
import type { BusyShare } from './busy-meter.ts'
import { embed } from './embeddings.ts'
import { createEngine, type EngineOptions, type EngineState } from './engine.ts'
import { createEngineMetrics } from './engine-metrics.ts'
import { answerTokens, chatGeneration, completionGeneration, outputLimits } from './generation.ts'
import type { Generation } from './generation.ts'
import { createHttpCounter } from './http-counter.ts'
import { listenOnLoopback, readJson, sendJson, sendMetrics } from './loopback-server.ts'
import { chatRequest, completionRequest, countWords, embeddingRequest } from './openai-wire.ts'
import { parseBody } from './openai-wire.ts'
import { prefixKeys } from './prefix-keys.ts'
import { createRandom } from '../stats/random.ts'

export interface ModelServerOptions {
  /** Component that it is a copy of. */
  readonly component: string
  /** Name that requests must ask for. */
  readonly model: string
  /** 0 = any free port. */
  readonly port: number
  readonly engine: EngineOptions
  readonly profile: AnswerProfile
  readonly seed: number | string
}

export interface ModelServer {
  readonly component: string
  readonly model: string
  readonly url: string
  state(): EngineState
  /** Work of the engine in the last `windowMs`. */
  busyShare(windowMs: number): BusyShare
  profile(): AnswerProfile
  /** Changes how it answers from the next request on; its timing stays as it is. */
  setProfile(profile: AnswerProfile): void
  close(): Promise<void>
}

/** Starts an emulated model server on loopback. */
export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const maxModelTokens = options.engine.kvCapacityTokens
  const metrics = createEngineMetrics({ ...options.engine, model: options.model, maxModelTokens })
  const engine = createEngine(options.engine, metrics)
  const http = createHttpCounter()
  let profile = options.profile
  let requests = 0

  const generate = (response: ServerResponse, generation: Generation) => {
    refuseOtherModel(generation.request.model, options.model)
    requests += 1
    const random = createRandom(`${options.seed}/${requests}`)
    const answer = answerQuestion({ prompt: generation.question, profile, random })
    response.on('close', startGeneration(response, { generation, answer, engine }))
  }

  const routes: Readonly<Record<string, Route>> = {
    'GET /health': (_, response) => {
      response.writeHead(200).end()
    },
    'GET /metrics': (_, response) =>
      sendMetrics(response, metrics.expose(engine.state()) + http.expose()),
    'GET /v1/models': (_, response) =>
      sendJson(response, 200, modelList(options.model, maxModelTokens)),
    'POST /v1/chat/completions': async (request, response) =>
      generate(response, chatGeneration(parseBody(chatRequest, await readJson(request)))),
    'POST /v1/completions': async (request, response) =>
      generate(
        response,
        completionGeneration(parseBody(completionRequest, await readJson(request))),
      ),
    'POST /v1/embeddings': async (request, response) =>
      sendJson(response, 200, embed(parseBody(embeddingRequest, await readJson(request)))),
  }

  const server = await listenOnLoopback(options.port, async (request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    const name = `${request.method} ${path}`
    const route = routes[name]
    http.watch(route === undefined ? 'none' : path, request, response)
    if (route === undefined) throw new UserError(`Not found: ${name}.`, { status: 404 })
    await route(request, response)
  })
  return {
    component: options.component,
    model: options.model,
    url: server.url,
    state: () => engine.state(),
    busyShare: (windowMs) => engine.busyShare(windowMs),
    profile: () => profile,
    setProfile: (changed) => {
      profile = changed
    },
    close: async () => {
      engine.close()
      await server.close()
    },
  }
}

type Route = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** Hands a generation to the engine; returns what aborts it. */
function startGeneration(
  response: ServerResponse,
  work: {
    readonly generation: Generation
    readonly answer: string
    readonly engine: ReturnType<typeof createEngine>
  },
): () => void {
  const { dialect, request, prompt } = work.generation
  const { blockTokens, prefixCache } = work.engine.options
  const limits = outputLimits(request, countWords(work.answer))
  const open = request.stream === true ? streamAnswer : bufferAnswer
  const sink = open(response, {
    dialect,
    model: request.model,
    tokens: answerTokens(work.answer, limits.outputTokens),
    finishReason: limits.finishReason,
    includeUsage: request.stream_options?.include_usage === true,
  })
  const promptTokens = countWords(prompt)
  return work.engine.submit({
    ...limits,
    promptTokens,
    prefixKeys: prefixCache ? prefixKeys(prompt, blockTokens) : [],
    onToken: (index) => sink.token(index),
    onFinish: (cachedTokens) =>
      sink.finish({ promptTokens, completionTokens: limits.outputTokens, cachedTokens }),
  })
}

function refuseOtherModel(asked: string, served: string): void {
  if (asked === served) return
  throw new UserError(`The model \`${asked}\` does not exist.`, { status: 404 })
}

function modelList(model: string, maxModelTokens: number) {
  const entry = {
    id: model,
    object: 'model',
    created: Math.floor(Date.now() / 1_000),
    owned_by: 'vllm',
    root: model,
    parent: null,
    max_model_len: maxModelTokens,
  }
  return { object: 'list', data: [entry] }
}
