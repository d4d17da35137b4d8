import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'

const maxOutputLength = 8 * 2 ** 20

/** Bytes that are no answer. */
const unreadable = Buffer.alloc(0)

/** An answer without its content coding; empty when it cannot be undone. */
export function decodedBody(chunks: readonly Buffer[], encoding: string): Buffer {
  const body = Buffer.concat(chunks)
  try {
    switch (encoding) {
      case 'identity':
        return body
      case 'gzip':
        return gunzipSync(body, { maxOutputLength })
      case 'deflate':
        return inflateSync(body, { maxOutputLength })
      case 'br':
        return brotliDecompressSync(body, { maxOutputLength })
      default:
        return unreadable
    }
  } catch {
    return unreadable
  }
}
