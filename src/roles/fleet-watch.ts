// Everything that depends on the configuration and can be exchanged while the hub runs:
// scraping, ledger, evaluation and alerting. A reload stops one set and starts the next.
import { join } from 'node:path'
import { startAlerting, type Alerting } from '../alerts/alerting.ts'
import type { Config } from '../config/schema.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { buildFleet } from '../fleet/topology.ts'
import { type Backfills, openBackfills } from '../quality/backfill.ts'
import { startControls } from '../quality/controls/controls.ts'
import { startEvaluation, type Evaluation } from '../quality/evaluation.ts'
import { startInstrument } from '../quality/instrument.ts'
import type { Alert } from '../records/alert.ts'
import type { MachineState } from '../records/call.ts'
import type { Accept } from '../records/record-kind.ts'
import { startScraping, type Scraping } from '../sources/scraping.ts'
import type { Store } from '../store/store.ts'
import type { Log } from '../telemetry/log.ts'
import { keepLedger, type LedgerKeeper } from './ledger-keeper.ts'

export interface FleetWatch {
  readonly config: Config
  readonly fleet: Fleet
  readonly scraping: Scraping
  readonly evaluation: Evaluation
  readonly alerting: Alerting
  readonly backfills: Backfills
  /** State of every copy, by copy id. */
  machineStates(): Record<string, MachineState>
  stop(): Promise<void>
}

export interface FleetWatchContext {
  readonly config: Config
  readonly store: Store
  readonly accept: Accept
  readonly log: Log
  readonly onAlert: (alert: Alert) => void
  /** Where probes are sent; `null` while there is no gateway. */
  readonly gatewayUrl: () => string | null
}

/** Starts watching the fleet of a configuration. */
export async function watchFleet(context: FleetWatchContext): Promise<FleetWatch> {
  const { config, store, accept, log, onAlert, gatewayUrl } = context
  const now = Date.now
  const fleet = buildFleet(config.fleet)
  const scraping = startScraping({ config, fleet, accept, log, now })
  const gpuWork = () => scraping.gpuWork()
  const ledger = await keepLedger({
    project: config.project,
    fleet,
    store,
    accept,
    gpuWork,
    log,
    now,
  })
  const instrument = startInstrument({ config, store, accept, log, now })
  const spendFile = join(config.dataDirectory, 'judge-spend.json')
  const onScored = instrument.observe
  const evaluation = startEvaluation({ config, store, accept, log, now, spendFile, onScored })
  instrument.watch(() => evaluation.stats().judge)
  const { judge, encoder } = evaluation
  const verdicts = { judge, ...(encoder === undefined ? {} : { encoder }) }
  const controls = startControls({ config, store, accept, log, ...verdicts, gatewayUrl, now })
  const backfills = openBackfills({ config, store, accept, log, ...verdicts, now })
  const alerting = startAlerting({ config, store, accept, log, now, onAlert })
  const copyIds = fleet.components.flatMap((component) => component.copies.map(({ id }) => id))
  return {
    config,
    fleet,
    scraping,
    evaluation,
    alerting,
    backfills,
    machineStates: () =>
      Object.fromEntries(copyIds.map((copyId) => [copyId, scraping.machineState(copyId)])),
    stop: async () => {
      // Both ask the judge that the evaluation closes.
      await Promise.all([controls.stop(), backfills.stop()])
      await stopAll([scraping, evaluation, instrument, alerting], ledger)
    },
  }
}

async function stopAll(
  parts: readonly { stop(): Promise<void> }[],
  ledger: LedgerKeeper,
): Promise<void> {
  ledger.stop()
  await Promise.all(parts.map((part) => part.stop()))
}
