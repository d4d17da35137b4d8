import type { IncomingMessage } from 'node:http'

/** Past the limit this much more is read and thrown away, so that a client that only listens after sending hears why. */
const discardFactor = 2

/**
 * Reads a request's body whole.
 * @param maxBytes `onBody` gets `null` for a larger one
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  onBody: (body: Buffer | null) => void,
): void {
  const chunks: Buffer[] = []
  let bytes = 0
  let isOver = false
  const finish = (body: Buffer | null): void => {
    if (isOver) return
    isOver = true
    onBody(body)
  }
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= maxBytes) chunks.push(chunk)
    else chunks.length = 0
    if (bytes > maxBytes * discardFactor) finish(null)
  })
  request.on('end', () => {
    const [first] = chunks
    if (bytes > maxBytes) finish(null)
    else finish(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks))
  })
  // A client that goes away is heard of through its response.
  request.on('error', () => {})
}
