import type { InferenceRequest } from './inference-request.ts'
import { textOf } from './inference-request.ts'

export interface UpstreamBody {
  readonly body: Buffer
  /** Usage was asked for by us, so its event must not reach the client. */
  readonly hidesUsage: boolean
}

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * The bytes for the model server: the client's own, with the model's name replaced where the server knows it by
 * another, and `stream_options.include_usage` spliced in where a stream would not say what it used.
 */
export function upstreamBody(request: InferenceRequest, upstreamModel: string): UpstreamBody {
  const edits: Edit[] = []
  const model = request.fields.get('model')
  if (model !== undefined && upstreamModel !== request.model) {
    edits.push({ ...model, text: JSON.stringify(upstreamModel) })
  }
  const usage = request.streaming && !request.wantsUsage ? usageEdit(request) : null
  if (usage !== null) edits.push(usage)
  return { body: splice(request.body, edits), hidesUsage: usage !== null }
}

/** `null` when `stream_options` is something that the server will refuse anyway. */
function usageEdit(request: InferenceRequest): Edit | null {
  const range = request.fields.get('stream_options')
  if (range === undefined) {
    const start = request.body.indexOf('{') + 1
    return { start, end: start, text: '"stream_options":{"include_usage":true},' }
  }
  const options: unknown = JSON.parse(textOf(request.body, range))
  if (typeof options !== 'object' || Array.isArray(options)) return null
  return { ...range, text: JSON.stringify({ ...options, include_usage: true }) }
}

/** Replaces ranges that do not overlap; every other byte stays as it is. */
function splice(body: Buffer, edits: readonly Edit[]): Buffer {
  if (edits.length === 0) return body
  const parts: Buffer[] = []
  let at = 0
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    parts.push(body.subarray(at, edit.start), Buffer.from(edit.text))
    at = edit.end
  }
  parts.push(body.subarray(at))
  return Buffer.concat(parts)
}
