// Hands alerts to notifiers, one after another for each notifier, and tries again where that may help.
import { messageOf, RetryableError } from '../records/failure.ts'
import type { Alert } from '../records/alert.ts'
import type { Log } from '../telemetry/log.ts'
import type { PreparedNotifier } from './notifier.ts'

export interface DeliveryOptions {
  readonly notifiers: readonly PreparedNotifier[]
  readonly log: Log
  /** Called when a notifier has not taken an alert and never will. */
  readonly onLost: (alert: Alert, notifier: string, reason: string) => void
  /** Pause before the second try, doubled for each further one. */
  readonly firstPauseMs?: number
}

export interface Delivery {
  deliver(alert: Alert): void
  /** Ends deliveries under way; what was not told by then is lost. */
  stop(): Promise<void>
}

/** Longest wait for one try. */
const timeoutMs = 10_000
const mostTries = 10
const longestPauseMs = 60_000

/** Alerts of up to this age are told again after a restart: so long the last try may take. */
export const retryHorizonMs = 10 * 60_000

/** Starts a queue for each notifier, so that one that is down delays no other. */
export function startDelivery(options: DeliveryOptions): Delivery {
  const stopping = new AbortController()
  const queues = options.notifiers.map((notifier) => ({ notifier, tail: Promise.resolve() }))
  return {
    deliver(alert) {
      for (const queue of queues) {
        queue.tail = queue.tail.then(() => send(options, queue.notifier, alert, stopping.signal))
      }
    },
    async stop() {
      stopping.abort()
      await Promise.all(queues.map((queue) => queue.tail))
    },
  }
}

async function send(
  options: DeliveryOptions,
  notifier: PreparedNotifier,
  alert: Alert,
  stopped: AbortSignal,
): Promise<void> {
  const { log, firstPauseMs = 1_000 } = options
  const fields = { notifier: notifier.name, rule: alert.rule, model: alert.model }
  for (let tries = 1; !stopped.aborted; tries += 1) {
    const failure = await attempt(notifier, alert, stopped)
    if (failure === null || stopped.aborted) return
    const reason = messageOf(failure)
    const isOver = tries === mostTries || !(failure instanceof RetryableError)
    if (isOver) {
      log.error({ ...fields, tries, reason }, 'An alert was not delivered.')
      options.onLost(alert, notifier.name, reason)
      return
    }
    log.warn({ ...fields, tries, reason }, 'An alert was not delivered yet.')
    await pause(pauseMs(failure, tries, firstPauseMs), stopped)
  }
}

/** What went wrong; `null` = delivered. */
async function attempt(
  notifier: PreparedNotifier,
  alert: Alert,
  stopped: AbortSignal,
): Promise<unknown> {
  try {
    await notifier.send(alert, AbortSignal.any([stopped, AbortSignal.timeout(timeoutMs)]))
    return null
  } catch (error) {
    return error
  }
}

/** Doubles with each try; never sooner than the receiver asked for. */
function pauseMs(failure: unknown, tries: number, firstPauseMs: number): number {
  const asked = failure instanceof RetryableError ? failure.retryAfterMs : 0
  const doubled = firstPauseMs * 2 ** (tries - 1)
  return Math.min(longestPauseMs, Math.max(asked, doubled))
}

function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, durationMs)
    signal.addEventListener('abort', done, { once: true })
    if (signal.aborted) done()
  })
}
