/** Errors of three kinds: the user can mend it, it may pass, or it is our own fault (plain `Error`). */

/** Bad configuration, command line or request. The message says what was found, what was expected and how to mend it. */
export class UserError extends Error {
  override readonly name = 'UserError'
  /** HTTP status when it answers a request. */
  readonly status: number
  readonly code: string

  constructor(message: string, options: { status?: number; code?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.status = options.status ?? 400
    this.code = options.code ?? 'bad_input'
  }
}

/** A fault that may pass: a full disk, a store that is away, a busy judge. */
export class RetryableError extends Error {
  override readonly name = 'RetryableError'
  readonly retryAfterMs: number

  constructor(message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.retryAfterMs = options.retryAfterMs ?? 1_000
  }
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
