// Every notifier, one line each. Adding one: its file, its test, its line here.
import type { AlertsConfig } from '../config/schema.ts'
import { UserError } from '../records/failure.ts'
import { open, type OpenNotifier, type PreparedNotifier } from './notifier.ts'
import { webhook } from './notifiers/webhook.ts'

/** By the kind that the configuration names. */
export const notifiers: ReadonlyMap<string, OpenNotifier> = new Map(
  [open(webhook)].map((notifier) => [notifier.name, notifier]),
)

/** The notifiers of a configuration; throws a `UserError` for an unknown kind or a wrong setting. */
export function prepareNotifiers(entries: AlertsConfig['notifiers']): PreparedNotifier[] {
  return entries.map(({ kind, config }) => {
    const notifier = notifiers.get(kind)
    if (notifier !== undefined) return notifier.prepare(config)
    const kinds = [...notifiers.keys()].join(', ')
    throw new UserError(`alerts.notifiers: unknown kind "${kind}"; use one of: ${kinds}`)
  })
}
