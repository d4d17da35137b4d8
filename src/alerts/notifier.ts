// What a notifier is: one way to tell the world of an alert. Each lives in its own file of notifiers/.
import { z } from 'zod'
import type { Alert } from '../records/alert.ts'
import { UserError } from '../records/failure.ts'

export interface Notifier<Config> {
  /** kebab-case, as the configuration and the file call it. */
  readonly name: string
  /** One sentence for the reference page. */
  readonly summary: string
  readonly config: z.ZodType<Config>
  /**
   * Called for each alert that fires or resolves, with a signal that ends it after a time.
   * Rejects when the alert was not delivered: with a `RetryableError` when a later try may succeed.
   * No message names an address, since addresses hold secrets.
   */
  send(alert: Alert, config: Config, signal: AbortSignal): Promise<void>
}

/** Types a notifier's configuration from its schema. */
export function defineNotifier<Config>(notifier: Notifier<Config>): Notifier<Config> {
  return notifier
}

/** A notifier with its configuration filled in. */
export interface PreparedNotifier {
  readonly name: string
  send(alert: Alert, signal: AbortSignal): Promise<void>
}

/** A notifier whose configuration type is forgotten, so that all kinds fit one list. */
export interface OpenNotifier {
  readonly name: string
  readonly summary: string
  readonly config: z.ZodType
  /** Throws a `UserError` that names the wrong setting. */
  prepare(config: unknown): PreparedNotifier
}

export function open<Config>(notifier: Notifier<Config>): OpenNotifier {
  const { name, summary } = notifier
  return {
    name,
    summary,
    config: notifier.config,
    prepare(input) {
      const parsed = notifier.config.safeParse(input)
      if (!parsed.success) throw new UserError(`Notifier ${name}: ${z.prettifyError(parsed.error)}`)
      return { name, send: (alert, signal) => notifier.send(alert, parsed.data, signal) }
    },
  }
}
