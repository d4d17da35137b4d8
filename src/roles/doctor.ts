// Examines an installation, running or idle: each check says what it found and how to mend it.
import { constants } from 'node:fs'
import { access, readdir, readFile, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { SourceFreshness } from '../api/contract.ts'
import type { DoctorCheck, DoctorReport } from '../api/doctor-report.ts'
import type { Config } from '../config/schema.ts'
import { messageOf } from '../records/failure.ts'
import { quarantineDirectory } from '../spool/pending-segments.ts'
import type { HandOverView } from '../spool/spool-accounts.ts'
import {
  rollupAccounts,
  tableAccounts,
  type RollupAccount,
  type TableAccount,
} from '../store/accounts.ts'
import type { LoaderStats } from '../store/loader.ts'
import { readMigrations } from '../store/migrate.ts'
import type { OpenStore } from '../store/open-store.ts'
import { doorReports } from '../telemetry/doors.ts'
import { version } from './version.ts'

export interface DoctorParts {
  readonly config: Config
  readonly store: OpenStore
  readonly spoolDirectories: readonly string[]
  readonly handOvers: HandOverView
  /** Lines of the hand-over log that are not what was written. */
  readonly damagedLines: number
  readonly sources: readonly SourceFreshness[]
  /** `null` = no hub runs. */
  readonly loader: LoaderStats | null
  /** Runs work while nothing is loaded. */
  readonly between: <Result>(work: () => Promise<Result>) => Promise<Result>
  /** Who looks, e.g. `the hub runs as process 12`. */
  readonly process: string
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Examines everything; a part that cannot be looked at is a failed check, not a failure. */
export async function examine(parts: DoctorParts): Promise<DoctorReport> {
  const { config, now } = parts
  const accounts = await accountsOf(parts)
  const checks = [
    await checked('data directory', () => dataDirectoryCheck(parts)),
    await checked('disk', () => diskCheck(config)),
    ok('process', parts.process),
    await checked('store', () => storeCheck(parts)),
    await checked('clock', () => clockCheck(parts)),
    ok('configuration', `${config.fleet.components.length} components, project ${config.project}`),
    sourcesCheck(parts.sources),
    backlogCheck(parts.loader, now()),
    await checked('set aside', () => quarantineCheck(parts)),
    ...accounts.checks,
  ]
  return {
    timeMs: now(),
    version,
    verdict: accounts.verdict,
    checks,
    tables: accounts.tables,
    rollups: accounts.rollups,
    doors: doorReports(now()),
  }
}

const ok = (name: string, detail: string): DoctorCheck => ({ name, state: 'ok', detail })
const warning = (name: string, detail: string): DoctorCheck => ({ name, state: 'warning', detail })
const failed = (name: string, detail: string): DoctorCheck => ({ name, state: 'failed', detail })

async function checked(name: string, look: () => Promise<DoctorCheck>): Promise<DoctorCheck> {
  try {
    return await look()
  } catch (error) {
    return failed(name, messageOf(error))
  }
}

async function dataDirectoryCheck({ config, damagedLines }: DoctorParts): Promise<DoctorCheck> {
  const name = 'data directory'
  const { dataDirectory } = config
  await access(dataDirectory, constants.R_OK | constants.W_OK | constants.X_OK)
  if (damagedLines === 0) return ok(name, `${dataDirectory} can be read and written`)
  return failed(
    name,
    `${damagedLines} lines of ${join(dataDirectory, 'spool', 'handed-over')} are damaged, so the accounts below miss what they said: check this disk. ` +
      'With the hub stopped and that folder removed, counting begins anew from what the store holds.',
  )
}

async function diskCheck({ dataDirectory, spool }: Config): Promise<DoctorCheck> {
  const { bavail, bsize } = await statfs(dataDirectory)
  const free = bavail * bsize
  const detail = `${gigabytes(free)} free, the spool may take ${gigabytes(spool.maxSize)}`
  if (free >= spool.maxSize) return ok('disk', detail)
  return warning(
    'disk',
    `${detail}: a store that is away for long fills the disk before the bound refuses. Free space, or lower spool.maxSize.`,
  )
}

const gigabytes = (bytes: number) => `${(bytes / 1_024 ** 3).toFixed(1)} GiB`

async function storeCheck({ store }: DoctorParts): Promise<DoctorCheck> {
  const started = performance.now()
  const [row] = await store.query<{ newest: number }>(
    'SELECT toUInt32(max(version)) AS newest FROM migrations',
  )
  const took = Math.round(performance.now() - started)
  const known = Math.max(...(await readMigrations()).map((migration) => migration.version))
  const detail = `${store.description} answers in ${took} ms, migrations ${row?.newest} of ${known}`
  if (row?.newest === known) return ok('store', detail)
  return failed('store', `${detail}: start the newest program on it once`)
}

const mostSkewMs = 5_000

async function clockCheck({ store, now }: DoctorParts): Promise<DoctorCheck> {
  const before = now()
  const [row] = await store.query<{ storeMs: number; newestMs: number }>(
    `SELECT toUnixTimestamp64Milli(now64(3)) AS storeMs,
       (SELECT toUnixTimestamp64Milli(max(started_at)) FROM calls) AS newestMs`,
  )
  const skewMs = (row?.storeMs ?? before) - before
  if (Math.abs(skewMs) > mostSkewMs) {
    return warning('clock', `the store's clock is ${skewMs} ms off ours: set both by NTP`)
  }
  const aheadMs = (row?.newestMs ?? 0) - now()
  return aheadMs > mostSkewMs
    ? warning('clock', `the newest call starts ${aheadMs} ms from now: a client's clock is ahead`)
    : ok('clock', `agrees with the store's`)
}

function sourcesCheck(sources: readonly SourceFreshness[]): DoctorCheck {
  const bad = sources.filter(({ state }) => state === 'failing' || state === 'stale')
  if (bad.length === 0) return ok('sources', `${sources.length} scraped, none late`)
  const each = bad.map(({ name, state, detail }) => `${name} is ${state} (${detail})`)
  return warning('sources', each.join('; '))
}

const longWaitMs = 60_000

function backlogCheck(loader: LoaderStats | null, nowMs: number): DoctorCheck {
  if (loader === null) return ok('backlog', 'no hub runs; what waits is loaded at its next start')
  const { waitingSegments, oldestWaitingMs, lastError } = loader
  const waitsMs = oldestWaitingMs === null ? 0 : nowMs - oldestWaitingMs
  const detail = `${waitingSegments} segments wait, the oldest for ${Math.round(waitsMs / 1_000)} s`
  if (waitsMs < longWaitMs && lastError === null) return ok('backlog', detail)
  return warning('backlog', `${detail}${lastError === null ? '' : `; last error: ${lastError}`}`)
}

async function quarantineCheck({ spoolDirectories }: DoctorParts): Promise<DoctorCheck> {
  const found = await Promise.all(spoolDirectories.map(setAside))
  const all = found.flat()
  if (all.length === 0) return ok('set aside', 'no segment is damaged')
  return failed(
    'set aside',
    `${all.join('; ')}. Their rows are not in the store. Put the files back from a copy of the disk, or mend what the reason says, ` +
      'then move them one folder up and start the hub again; remove them to give their rows up.',
  )
}

async function setAside(directory: string): Promise<readonly string[]> {
  const folder = quarantineDirectory(directory)
  const files = await readdir(folder).catch(() => [])
  const reasons = files.filter((file) => file.endsWith('.reason'))
  return await Promise.all(
    reasons.map(async (file) => {
      const reason = (await readFile(join(folder, file), 'utf8')).trim()
      return `${join(folder, file.slice(0, -'.reason'.length))}: ${reason}`
    }),
  )
}

interface Accounts {
  readonly verdict: string
  readonly checks: readonly DoctorCheck[]
  readonly tables: readonly TableAccount[]
  readonly rollups: readonly RollupAccount[]
}

async function accountsOf(parts: DoctorParts): Promise<Accounts> {
  const { config, between, now } = parts
  const retentionMs = config.store.retention
  try {
    return await between(async () => {
      const options = { ...parts, retentionMs, nowMs: now() }
      const tables = await tableAccounts(options)
      const rollups = await rollupAccounts(options)
      const problems = problemsOf(tables, rollups, config.store.url !== undefined)
      const verdict = problems.length === 0 ? 'adds up' : `does NOT add up: ${problems.join('; ')}`
      const check = problems.length === 0 ? ok : failed
      return { verdict, checks: [check('accounts', verdict)], tables, rollups }
    })
  } catch (error) {
    const verdict = `cannot be said: ${messageOf(error)}`
    return { verdict, checks: [failed('accounts', verdict)], tables: [], rollups: [] }
  }
}

/** @param isShared whether others may write to the same store: then more rows than ours prove nothing */
function problemsOf(
  tables: readonly TableAccount[],
  rollups: readonly RollupAccount[],
  isShared: boolean,
): readonly string[] {
  const rows = tables.flatMap(({ table, missing, unexpected, isExact }) => [
    ...(missing > 0 ? [`${missing} rows of ${table} are missing`] : []),
    ...(missing < 0 ? [`${-missing} rows of ${table} more than were accepted`] : []),
    ...(isExact && unexpected > 0 && !isShared
      ? [`${unexpected} rows of ${table} are in the store and were not accepted here`]
      : []),
  ])
  const sums = rollups.flatMap(({ table, rollup, rows: raw, rolledUp }) =>
    raw === rolledUp ? [] : [`${rollup} sums up ${rolledUp} rows of ${raw} in ${table}`],
  )
  return [...rows, ...sums]
}
