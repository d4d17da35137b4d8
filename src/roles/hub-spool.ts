// What the hub keeps on disk in front of the store: its spool, what has left the spools, and what was accepted before.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config/schema.ts'
import { createAcceptOnce, type AcceptOnce } from '../spool/accept-once.ts'
import { handOverDirectory, openHandOverLog, type HandOverLog } from '../spool/hand-over-log.ts'
import { rememberedKeys } from '../spool/remembered-keys.ts'
import { openSpool, type Spool } from '../spool/spool.ts'
import { exposeAccounts } from '../store/account-gauge.ts'
import { startLoader } from '../store/loader.ts'
import { rowsByDay } from '../store/queries/row-counts.ts'
import type { Store } from '../store/store.ts'
import type { Log } from '../telemetry/log.ts'

export interface HubSpool {
  readonly spool: Spool
  /** For what may be sent again. */
  readonly once: AcceptOnce
  readonly handOvers: HandOverLog
}

/** Opens it and loads what a crash left; whoever closes it closes the spool before the hand-over log. */
export async function openHubSpool(config: Config, store: Store, log: Log): Promise<HubSpool> {
  const { dataDirectory } = config
  const handOvers = await openHandOverLog({
    directory: handOverDirectory(dataDirectory),
    log,
    baseline: () => rowsByDay(store),
    now: Date.now,
  })
  try {
    await mkdir(spoolDirectory(config, 'gateway'), { recursive: true })
    const spool = await openSpool({
      directory: spoolDirectory(config, 'hub'),
      writer: 'hub',
      handOvers: handOverDirectory(dataDirectory),
      config: config.spool,
      log,
      now: Date.now,
    })
    // What was accepted before a kill is known again before anybody can send it again.
    const memory = await rememberedKeys({
      handOvers: handOvers.before,
      directories: [spoolDirectory(config, 'hub')],
    })
    await loadOwnBacklog(config, { store, handOvers }, log)
    exposeAccounts(spoolDirectories(config), handOvers)
    return { spool, handOvers, once: createAcceptOnce(spool.accept, memory, Date.now) }
  } catch (error) {
    await handOvers.close()
    throw error
  }
}

/** Where hub and gateway write. */
export function spoolDirectories(config: Config): readonly string[] {
  return ['hub', 'gateway'].map((writer) => spoolDirectory(config, writer))
}

function spoolDirectory(config: Config, writer: string): string {
  return join(config.dataDirectory, 'spool', writer)
}

/**
 * What a crash left in the hub's own spool (scores, ledger, alerts) must be queryable before anyone asks what is
 * still to be done. The gateway's calls may be many and follow while everything runs.
 */
async function loadOwnBacklog(
  config: Config,
  into: { readonly store: Store; readonly handOvers: HandOverLog },
  log: Log,
): Promise<void> {
  const directories = [spoolDirectory(config, 'hub')]
  const loader = startLoader({ ...into, directories, log, onLoaded: () => undefined })
  await loader.drain()
  await loader.close()
}
