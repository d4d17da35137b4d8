import type { z } from 'zod'
import { countWords, type embeddingRequest } from './openai-wire.ts'
import { createRandom } from '../stats/random.ts'

/** OpenAI's embedding answer with unit vectors that depend on the words alone: equal texts, equal vectors. */
export function embed(request: z.infer<typeof embeddingRequest>): unknown {
  const texts = [request.input].flat()
  const tokens = texts.reduce((sum, text) => sum + countWords(text), 0)
  const base64 = request['encoding_format'] === 'base64'
  return {
    id: 'embd-lab',
    object: 'list',
    created: Math.floor(Date.now() / 1_000),
    model: request.model,
    data: texts.map((text, index) => {
      const vector = hashedVector(text, request.dimensions ?? 256)
      const embedding = base64 ? Buffer.from(vector.buffer).toString('base64') : [...vector]
      return { index, object: 'embedding', embedding }
    }),
    usage: { prompt_tokens: tokens, total_tokens: tokens, completion_tokens: 0 },
  }
}

/** The normalised sum of one pseudo-random direction a word: texts that share words lie near each other. */
function hashedVector(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions)
  for (const word of text.toLowerCase().split(/\W+/)) {
    const random = createRandom(word)
    vector.forEach((value, index) => {
      vector[index] = value + random.next() - 0.5
    })
  }
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}
