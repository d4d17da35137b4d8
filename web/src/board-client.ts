// The API as the page sees it: every answer is one of a few kinds, nothing throws.
import type { ApiError, Board, StreamMessage } from '../../src/api/contract.ts'

export type BoardAnswer =
  | { readonly kind: 'board'; readonly board: Board }
  | { readonly kind: 'unauthorized' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'unreachable' }

export interface BoardQuery {
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
}

/** Asks for a board; times in milliseconds. */
export async function fetchBoard(query: BoardQuery, signal: AbortSignal): Promise<BoardAnswer> {
  const search = new URLSearchParams({
    from: String(Math.round(query.fromMs)),
    to: String(Math.round(query.toMs)),
    step: String(query.stepMs),
  })
  try {
    const response = await fetch(`/api/v1/board?${search.toString()}`, { signal })
    if (response.status === 401) return { kind: 'unauthorized' }
    const body: unknown = await response.json()
    if (response.ok && isBoard(body)) return { kind: 'board', board: body }
    return { kind: 'refused', message: messageOf(body, response.status) }
  } catch {
    return { kind: 'unreachable' }
  }
}

/** Trades a token for a session cookie; `null` when it worked, else what to tell the person. */
export async function openSession(token: string): Promise<string | null> {
  try {
    const response = await fetch('/api/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
    if (response.ok) return null
    if (response.status === 401) {
      return 'This token is not known. Tokens are listed under server.tokens in equipoise.yaml.'
    }
    return messageOf(await response.json().catch(() => null), response.status)
  } catch {
    return 'The server does not answer.'
  }
}

// The server is ours and of the same build; this only tells a board from a proxy's error page.
function isBoard(body: unknown): body is Board {
  return typeof body === 'object' && body !== null && 'timesMs' in body && 'models' in body
}

function messageOf(body: unknown, status: number): string {
  return isApiError(body) ? body.error.message : `The server answered with status ${status}.`
}

function isApiError(body: unknown): body is ApiError {
  if (typeof body !== 'object' || body === null || !('error' in body)) return false
  const { error } = body
  return typeof error === 'object' && error !== null && 'message' in error
}

export interface Listener {
  message(message: StreamMessage): void
  open(): void
  lost(): void
}

// Of our own server, like the board: the kind alone is looked at.
function isStreamMessage(message: unknown): message is StreamMessage {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false
  return message.kind === 'tick' || message.kind === 'alert' || message.kind === 'event'
}

const retryMs = 3000

/** Listens to the server's events, again and again when the line is lost; returns how to stop. */
export function listen(listener: Listener): () => void {
  let source: EventSource | null = null
  let timer = 0
  let stopped = false

  function open(): void {
    source = new EventSource('/api/v1/stream')
    source.addEventListener('open', () => listener.open())
    for (const name of ['message', 'tick', 'alert', 'event']) source.addEventListener(name, read)
    source.addEventListener('error', () => {
      // The browser itself tries again unless it has given up.
      if (source?.readyState === EventSource.CLOSED) timer = window.setTimeout(open, retryMs)
      if (!stopped) listener.lost()
    })
  }

  function read(event: Event): void {
    if (!(event instanceof MessageEvent) || typeof event.data !== 'string') return
    try {
      const message: unknown = JSON.parse(event.data)
      if (isStreamMessage(message)) listener.message(message)
    } catch {
      // A line that is not JSON is a proxy's, not ours: the next tick comes anyway.
    }
  }

  open()
  return () => {
    stopped = true
    window.clearTimeout(timer)
    source?.close()
  }
}
