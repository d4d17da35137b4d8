// Evaluates rules, writes their transitions down and tells the notifiers. What is written survives a restart.
import type { Config, TwoAxisRule } from '../config/schema.ts'
import type { Alert } from '../records/alert.ts'
import { messageOf } from '../records/failure.ts'
import type { Accept } from '../records/record-kind.ts'
import { uuidv7 } from '../records/record-id.ts'
import type { Store } from '../store/store.ts'
import type { Log } from '../telemetry/log.ts'
import { retryHorizonMs, startDelivery, type Delivery } from './delivery.ts'
import { openAlerts } from './past-alerts.ts'
import { twoAxisReadings } from './readings.ts'
import { prepareNotifiers } from './registry.ts'
import { twoAxis } from './two-axis.ts'
import { advanced, eventOf, newWatch, resumedWatch, withdrawn, type Watch } from './watch.ts'

export interface AlertingOptions {
  readonly config: Config
  readonly store: Store
  readonly accept: Accept
  readonly log: Log
  /** Epoch ms. */
  readonly now?: () => number
  /** Called after each transition was made durable. */
  readonly onAlert: (alert: Alert) => void
  /** Pause before a notifier is tried again, doubled for each further try. */
  readonly firstPauseMs?: number
}

export interface Alerting {
  /** Evaluates every rule once, now. */
  tick(): Promise<void>
  /** Alerts that are pending or firing, with their newest readings. */
  active(): Alert[]
  stop(): Promise<void>
}

/** Starts evaluating the rules every `evaluateEvery`; throws a `UserError` when a notifier cannot be used. */
export function startAlerting(options: AlertingOptions): Alerting {
  const { config, log, firstPauseMs } = options
  const delivery = startDelivery({
    notifiers: prepareNotifiers(config.alerts.notifiers),
    log,
    onLost: (alert, notifier, reason) => void writeLoss(options, alert, { notifier, reason }),
    ...(firstPauseMs === undefined ? {} : { firstPauseMs }),
  })
  const memory: Memory = { watches: watchesOf(config), isResumed: false, delivery }
  // One after another: an evaluation must see the states that the one before it left.
  let running: Promise<void> = resumed(options, memory).then(() => undefined)
  let waiting = 0
  const tick = async () => {
    waiting += 1
    running = running.then(() => evaluate(options, memory))
    await running
    waiting -= 1
  }
  const timer = setInterval(
    () => {
      // An evaluation that takes longer than its interval leaves the next one out.
      if (waiting === 0) void tick()
    },
    Math.max(config.alerts.evaluateEvery, shortestIntervalMs),
  )
  return {
    tick,
    active: () =>
      memory.watches.flatMap(({ alert }) =>
        alert?.state === 'pending' || alert?.state === 'firing' ? [alert] : [],
      ),
    async stop() {
      clearInterval(timer)
      await running
      await delivery.stop()
    },
  }
}

const shortestIntervalMs = 100

interface Memory {
  watches: readonly Watch[]
  isResumed: boolean
  readonly delivery: Delivery
}

function watchesOf(config: Config): Watch[] {
  const served = config.fleet.components.map((component) => component.model ?? component.name)
  const modelsOf = (rule: TwoAxisRule) =>
    rule.models.length === 0 ? [...new Set(served)] : rule.models
  return config.alerts.rules.flatMap((rule) =>
    modelsOf(rule).map((model) => newWatch(rule, model, config.alerts.evaluateEvery)),
  )
}

/** Never rejects: what cannot be evaluated now is evaluated next time, and the states stay as they are. */
async function evaluate(options: AlertingOptions, memory: Memory): Promise<void> {
  const { log } = options
  if (!(await resumed(options, memory))) return
  const atMs = (options.now ?? Date.now)()
  const watches: Watch[] = []
  for (const watch of memory.watches) {
    try {
      watches.push(await evaluateWatch(options, memory.delivery, watch, atMs))
    } catch (error) {
      const fields = { rule: watch.rule.name, model: watch.model, reason: messageOf(error) }
      log.error(fields, 'A rule could not be evaluated.')
      watches.push(watch)
    }
  }
  memory.watches = watches
}

async function evaluateWatch(
  options: AlertingOptions,
  delivery: Delivery,
  watch: Watch,
  atMs: number,
): Promise<Watch> {
  const { store, config } = options
  const { rule, model } = watch
  const { project } = config
  const input = await twoAxisReadings(store, {
    project,
    model,
    dimension: rule.dimension,
    atMs,
    windowMs: rule.window,
    baselineMs: rule.baseline,
  })
  const result = twoAxis(rule, { model, ...input })
  const step = advanced(watch, result, { project, atMs })
  // The state moves on only once its transition is durable; else it is made again next time.
  if (step.transition !== null) await publish(options, delivery, step.transition)
  return step.watch
}

async function publish(options: AlertingOptions, delivery: Delivery, alert: Alert): Promise<void> {
  const { accept, log, onAlert } = options
  await accept('alerts', [alert])
  const event = eventOf(alert)
  if (event !== null) {
    await accept('events', [event]).catch((error: unknown) => {
      log.error({ rule: alert.rule, reason: messageOf(error) }, 'An event was not kept.')
    })
    delivery.deliver(alert)
  }
  const { rule, model, state, summary } = alert
  log.info({ rule, model, state, summary }, 'An alert changed its state.')
  onAlert(alert)
}

/** Whether it is known where the alerts stood; without that, one that fires already would fire again. */
async function resumed(options: AlertingOptions, memory: Memory): Promise<boolean> {
  try {
    if (!memory.isResumed) await resume(options, memory)
    return true
  } catch (error) {
    options.log.error({ reason: messageOf(error) }, 'The state of alerts could not be read.')
    return false
  }
}

function isOf(watch: Watch, alert: Alert): boolean {
  return watch.rule.name === alert.rule && watch.model === alert.model
}

async function resume(options: AlertingOptions, memory: Memory): Promise<void> {
  const atMs = (options.now ?? Date.now)()
  const past = await openAlerts(options.store, options.config.project)
  for (const alert of past) {
    const isConfigured = memory.watches.some((watch) => isOf(watch, alert))
    if (!isConfigured) await publish(options, memory.delivery, withdrawn(alert, atMs))
    // Whether it was told before the program ended is not known; receivers know repeats by their key.
    else if (alert.state === 'firing' && atMs - alert.changedAtMs <= retryHorizonMs) {
      memory.delivery.deliver(alert)
    }
  }
  memory.watches = memory.watches.map((watch) => {
    const alert = past.find((candidate) => isOf(watch, candidate))
    return alert === undefined ? watch : resumedWatch(watch, alert, atMs)
  })
  memory.isResumed = true
}

async function writeLoss(
  { accept, log, now = Date.now }: AlertingOptions,
  alert: Alert,
  { notifier, reason }: { notifier: string; reason: string },
): Promise<void> {
  const timeMs = now()
  try {
    await accept('events', [
      {
        project: alert.project,
        eventId: uuidv7(timeMs),
        timeMs,
        kind: 'alert',
        model: alert.model,
        title: `${notifier} was not told of ${alert.rule}`,
        detail: `${reason}. ${alert.summary}`,
        attributes: { rule: alert.rule, state: alert.state, alertId: alert.alertId, notifier },
      },
    ])
  } catch (error) {
    log.error({ rule: alert.rule, reason: messageOf(error) }, 'An event was not kept.')
  }
}
