import { request, type Dispatcher } from 'undici'
import { z } from 'zod'
import type { Alert, AlertReading } from '../../records/alert.ts'
import { RetryableError } from '../../records/failure.ts'
import { defineNotifier } from '../notifier.ts'

const config = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'expected an http or https address' })
      .describe('Address that receives a POST for each alert that fires or resolves.'),
    bearerToken: z
      .string()
      .min(1)
      .exactOptional()
      .describe('Sent as "Authorization: Bearer ..."; write it as ${VARIABLE}.'),
  })
  .describe('Posts each alert as JSON.')

export const webhook = defineNotifier({
  name: 'webhook',
  summary: 'Posts each alert that fires or resolves as JSON to an address.',
  config,
  async send(alert, { url, bearerToken }, signal) {
    const response = await request(url, {
      method: 'POST',
      signal,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'equipoise',
        // A delivery may be repeated; the receiver can tell by this.
        'idempotency-key': `${alert.alertId}:${alert.state}`,
        ...(bearerToken === undefined ? {} : { authorization: `Bearer ${bearerToken}` }),
      },
      body: JSON.stringify(webhookBody(alert)),
    }).catch((error: unknown) => {
      throw new RetryableError(`the receiver did not answer (${codeOf(error)})`, {
        retryAfterMs: 0,
      })
    })
    await response.body.dump()
    refuseUnlessAccepted(response)
  },
})

interface WebhookBody extends Pick<
  Alert,
  'project' | 'alertId' | 'rule' | 'model' | 'state' | 'severity' | 'summary'
> {
  /** ISO 8601, as is `changedAt`. */
  readonly startedAt: string
  readonly changedAt: string
  readonly readings: readonly AlertReading[]
}

function webhookBody(alert: Alert): WebhookBody {
  const { project, alertId, rule, model, state, severity, summary, readings } = alert
  return {
    alertId,
    project,
    rule,
    model,
    state,
    severity,
    startedAt: new Date(alert.startedAtMs).toISOString(),
    changedAt: new Date(alert.changedAtMs).toISOString(),
    summary,
    readings,
  }
}

/** Busy, broken or late receivers are asked again; one that refuses the alert itself is not. */
function refuseUnlessAccepted({ statusCode, headers }: Dispatcher.ResponseData): void {
  if (statusCode >= 200 && statusCode < 300) return
  const message = `the receiver answered ${statusCode}`
  if (statusCode < 500 && statusCode !== 429 && statusCode !== 408) throw new Error(message)
  const seconds = Number(headers['retry-after'])
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0
  throw new RetryableError(message, { retryAfterMs })
}

/** The code alone: messages of the network hold addresses. */
function codeOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'too late'
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'no connection'
}
