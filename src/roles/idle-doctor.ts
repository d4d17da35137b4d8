// Examines a data directory that no hub has open: the store is opened for it, and what waits in the spool stays there.
import { existsSync } from 'node:fs'
import type { DoctorReport } from '../api/doctor-report.ts'
import type { Config } from '../config/schema.ts'
import { UserError } from '../records/failure.ts'
import { handOverDirectory, readHandOverLog } from '../spool/hand-over-log.ts'
import { viewOf } from '../spool/spool-accounts.ts'
import { openStore } from '../store/open-store.ts'
import type { Log } from '../telemetry/log.ts'
import { examine } from './doctor.ts'
import { spoolDirectories } from './hub-spool.ts'

/** A `UserError` when there is nothing to examine, or when a process has it open that does not answer. */
export async function examineIdle(config: Config, log: Log): Promise<DoctorReport> {
  const { dataDirectory } = config
  if (!existsSync(dataDirectory)) {
    throw new UserError(
      `No Equipoise answers, and there is no data directory ${dataDirectory}: name the configuration with -c, or the address with --url.`,
    )
  }
  const store = await openStore({ config: config.store, dataDirectory, log })
  try {
    const record = await readHandOverLog(handOverDirectory(dataDirectory))
    return await examine({
      config,
      store,
      spoolDirectories: spoolDirectories(config),
      handOvers: viewOf(record),
      damagedLines: record.damagedLines,
      sources: [],
      loader: null,
      between: async (work) => await work(),
      process: 'no hub runs: the data directory was opened for this examination',
      now: Date.now,
    })
  } finally {
    await store.close()
  }
}
