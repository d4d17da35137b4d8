import type { IncomingMessage, ServerResponse } from 'node:http'
import { exposeValues, type Labels } from './exposition.ts'

/** `http_requests_total` as FastAPI's instrumentator counts it in vLLM: status is a class such as `2xx`. */
export interface HttpCounter {
  /** Counts the request once it is answered. */
  watch(handler: string, request: IncomingMessage, response: ServerResponse): void
  expose(): string
}

/** vLLM leaves its own probes out. */
const uncounted = ['/metrics', '/health']

export function createHttpCounter(): HttpCounter {
  const counts = new Map<string, { readonly labels: Labels; count: number }>()
  return {
    watch: (handler, request, response) => {
      if (uncounted.includes(handler)) return
      response.on('finish', () => {
        const status = `${Math.floor(response.statusCode / 100)}xx`
        const labels = { handler, method: request.method ?? '', status }
        const key = Object.values(labels).join(' ')
        const entry = counts.get(key) ?? { labels, count: 0 }
        entry.count += 1
        counts.set(key, entry)
      })
    },
    expose: () =>
      exposeValues(
        {
          name: 'http_requests_total',
          help: 'Total number of requests by method, status and handler.',
          type: 'counter',
        },
        [...counts.values()].map(({ labels, count }) => [labels, count] as const),
      ),
  }
}
