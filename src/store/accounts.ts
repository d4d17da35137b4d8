// Accounts that add up: what was accepted, by the spool's own count, against what the store holds, counted anew.
import { dayMs, dayOf, type DayRun } from '../spool/day-runs.ts'
import { spoolAccounts, type HandOverView, type SpoolAccount } from '../spool/spool-accounts.ts'
import { countedTables, rowsByDay } from './queries/row-counts.ts'
import { freshnessByTable, storageByTable } from './queries/storage.ts'
import type { Store } from './store.ts'

/** accepted + unexpected = stored + expired + waiting + quarantined + missing. */
export interface TableAccount {
  readonly table: string
  /** Acknowledged ever; with what the store held before counting began. */
  readonly accepted: number
  readonly stored: number
  /** Gone by retention; in tables that are not exact also replaced by a later row of the same key. */
  readonly expired: number
  readonly waiting: number
  readonly quarantined: number
  /** Acknowledged and nowhere. */
  readonly missing: number
  /** In the store, and accepted by nobody here: other writers to the same store, or rows that were stored twice. */
  readonly unexpected: number
  /** Whether each day within retention was counted in the store; else rows replace one another there. */
  readonly isExact: boolean
  /** Compressed, on the store's disk. */
  readonly bytes: number
  /** Time of the newest row (epoch ms); `null` = none, or the table has no time. */
  readonly newestMs: number | null
}

export interface AccountsOptions {
  readonly store: Store
  readonly spoolDirectories: readonly string[]
  readonly handOvers: HandOverView
  readonly retentionMs: number
  readonly nowMs: number
}

/** Accounts of every table that anything was accepted for. Nothing may be loaded meanwhile. */
export async function tableAccounts(options: AccountsOptions): Promise<readonly TableAccount[]> {
  const { store, spoolDirectories, handOvers } = options
  const firstDay = firstWholeDay(options)
  const spool = await spoolAccounts(spoolDirectories, handOvers)
  const found = await rowsByDay(store, firstDay)
  const storage = new Map((await storageByTable(store)).map((one) => [one.table, one]))
  const freshness = new Map((await freshnessByTable(store)).map((one) => [one.table, one]))
  const names = new Set([...spool.map(({ table }) => table), ...handOvers.sums().days.keys()])
  return [...names].toSorted().map((table) => {
    const stored = freshness.get(table)?.rows ?? storage.get(table)?.rows ?? 0
    const accounts = spool.filter((account) => account.table === table)
    const days = { expected: handOvers.sums().days.get(table) ?? [], found: found.get(table) ?? [] }
    return {
      ...(table in countedTables
        ? exactAccount(accounts, { ...days, stored, firstDay })
        : roughAccount(accounts, stored)),
      table,
      bytes: storage.get(table)?.bytes ?? 0,
      newestMs: freshness.get(table)?.newestMs ?? null,
    }
  })
}

/** The first day of which no row can have expired. */
function firstWholeDay({ retentionMs, nowMs }: Pick<AccountsOptions, 'retentionMs' | 'nowMs'>) {
  return Math.max(0, dayOf(nowMs - retentionMs) + 1)
}

type Sums = Omit<TableAccount, 'table' | 'bytes' | 'newestMs'>

interface Days {
  readonly expected: readonly DayRun[]
  readonly found: readonly DayRun[]
  readonly stored: number
  readonly firstDay: number
}

/** Day by day: what was handed over must be there, no more and no less. */
function exactAccount(accounts: readonly SpoolAccount[], days: Days): Sums {
  const { expected, found, stored, firstDay } = days
  const handedOver = sum(accounts, 'handedOver')
  const handedByDay = rowsOf(expected)
  let lost = 0
  let unexpected = 0
  for (const run of expected.filter(({ from }) => from >= firstDay)) {
    const there = rowsOf(found.filter(({ from }) => from >= run.from && from <= run.to))
    lost += Math.max(0, run.rows - there)
    unexpected += Math.max(0, there - run.rows)
  }
  unexpected += rowsOf(
    found.filter(({ from: day }) => !expected.some(({ from, to }) => day >= from && day <= to)),
  )
  return {
    accepted: sum(accounts, 'accepted') + handedByDay - handedOver,
    stored,
    expired: handedByDay + unexpected - stored - lost,
    waiting: sum(accounts, 'waiting'),
    quarantined: sum(accounts, 'quarantined'),
    missing: sum(accounts, 'missing') + lost,
    unexpected,
    isExact: true,
  }
}

/** Where rows replace one another only the spool's side can be exact. */
function roughAccount(accounts: readonly SpoolAccount[], stored: number): Sums {
  const handedOver = sum(accounts, 'handedOver')
  return {
    accepted: sum(accounts, 'accepted'),
    stored,
    expired: Math.max(0, handedOver - stored),
    waiting: sum(accounts, 'waiting'),
    quarantined: sum(accounts, 'quarantined'),
    missing: sum(accounts, 'missing'),
    unexpected: Math.max(0, stored - handedOver),
    isExact: false,
  }
}

function rowsOf(runs: readonly DayRun[]): number {
  return runs.reduce((total, { rows }) => total + rows, 0)
}

function sum(
  accounts: readonly SpoolAccount[],
  field: 'accepted' | 'handedOver' | 'waiting' | 'quarantined' | 'missing',
): number {
  return accounts.reduce((total, account) => total + account[field], 0)
}

/** A rollup against the rows that it sums up, within retention. */
export interface RollupAccount {
  readonly table: string
  readonly rollup: string
  readonly rows: number
  readonly rolledUp: number
}

const rollups = [
  { table: 'calls', raw: 'count()', rollup: 'calls_1m', sum: 'sum(calls)' },
  {
    table: 'samples',
    raw: "countIf(state = 'present')",
    rollup: 'samples_1m',
    sum: 'sum(count)',
  },
  {
    table: 'scores',
    raw: "countIf(outcome IN ('scored', 'skipped', 'failed', 'dropped'))",
    rollup: 'scores_1m',
    sum: 'sum(scored + skipped + failed + dropped)',
  },
] as const

/** Compares raw tables with their minute rollups. Nothing may be loaded meanwhile. */
export async function rollupAccounts(
  options: Pick<AccountsOptions, 'store' | 'retentionMs' | 'nowMs'>,
): Promise<readonly RollupAccount[]> {
  const parameters = { fromMs: firstWholeDay(options) * dayMs }
  const from = "fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')"
  const accounts: RollupAccount[] = []
  for (const { table, raw, rollup, sum: total } of rollups) {
    const [row] = await options.store.query<{ rows: number; rolledUp: number }>(
      `SELECT (SELECT ${raw} FROM ${table} WHERE ${countedTables[table]} >= ${from}) AS rows,
         (SELECT ${total} FROM ${rollup} WHERE minute >= toDateTime(${from})) AS rolledUp`,
      parameters,
    )
    accounts.push({ table, rollup, rows: row?.rows ?? 0, rolledUp: row?.rolledUp ?? 0 })
  }
  return accounts
}
