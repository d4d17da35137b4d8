// Any server that speaks OpenAI's POST /v1/embeddings: vLLM, TEI, Ollama, llama.cpp, or OpenAI itself.
import { z } from 'zod'
import { unitVector, type Encoder } from './encoder.ts'
import { postJson, type PostTarget } from './post-json.ts'

export interface EndpointEncoderOptions {
  readonly name: string
  /** Base URL without /v1. */
  readonly url: string
  readonly model: string
  readonly apiKey?: string | undefined
  /** Texts in one request at most. */
  readonly batch: number
  /** Milliseconds. */
  readonly timeout: number
}

/** An encoder behind a server; 429 and 5xx are asked again twice. */
export function endpointEncoder(options: EndpointEncoderOptions): Encoder {
  const target: PostTarget = {
    url: `${options.url.replace(/\/+$/, '')}/v1/embeddings`,
    apiKey: options.apiKey,
    timeoutMs: options.timeout,
    retries: 2,
  }
  return {
    name: options.name,
    async encode(texts, signal) {
      const vectors: Float32Array[] = []
      for (let start = 0; start < texts.length; start += options.batch) {
        const input = texts.slice(start, start + options.batch)
        const reply = await postJson(target, { model: options.model, input }, signal)
        vectors.push(...vectorsOf(reply, input.length, target.url))
      }
      return vectors
    },
    close: () => Promise.resolve(),
  }
}

const replySchema = z.looseObject({
  data: z.array(z.looseObject({ index: z.int().min(0), embedding: z.array(z.number()).min(1) })),
})

/** Vectors in the order of the texts; servers may list them in any other. */
function vectorsOf(reply: unknown, count: number, url: string): readonly Float32Array[] {
  const parsed = replySchema.safeParse(reply)
  if (!parsed.success) throw new Error(`${url}: no embeddings: ${z.prettifyError(parsed.error)}`)
  const ordered = parsed.data.data.toSorted((left, right) => left.index - right.index)
  const complete = ordered.length === count && ordered.every(({ index }, at) => index === at)
  if (!complete) throw new Error(`${url} gave ${ordered.length} vectors for ${count} texts`)
  return ordered.map(({ embedding }) => unitVector(embedding))
}
