// How long rows and texts are kept, as the engine's own TTL.
import type { StoreConfig } from '../config/schema.ts'
import type { Log } from '../telemetry/log.ts'
import type { Engine } from './engine.ts'

/** Brings each table's TTL to what the configuration says; does nothing where it already is. */
export async function applyRetention(engine: Engine, config: StoreConfig, log: Log): Promise<void> {
  const { rows } = await engine.select(
    'SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase()',
    {},
  )
  const definitions = new Map(rows.map(([name, query]) => [String(name), String(query)]))
  for (const { table, change, present } of wanted(config)) {
    if (definitions.get(table)?.includes(present) ?? true) continue
    await engine.command(`ALTER TABLE ${table} ${change}`, {})
    log.info({ table, change }, 'The retention of a table was changed.')
  }
}

interface RetentionChange {
  readonly table: string
  readonly change: string
  /** How the table's definition reads once it is made. */
  readonly present: string
}

function wanted(config: StoreConfig): readonly RetentionChange[] {
  const rows = Object.entries(timeColumns).map(([table, column]) => {
    const ttl = `TTL ${expiry(column, config.retention)}`
    return { table, change: `MODIFY ${ttl}`, present: `) ${ttl}` }
  })
  const texts = contentColumns.map(({ column, type }) => {
    const ttl = `TTL ${expiry(timeColumns.calls, config.contentRetention)}`
    return {
      table: 'calls',
      change: `MODIFY COLUMN ${column} ${ttl}`,
      present: `\`${column}\` ${type} ${ttl}`,
    }
  })
  return [...rows, ...texts, sharedTexts(config)]
}

/** Texts that calls refer to age from the last call that does. */
function sharedTexts(config: StoreConfig): RetentionChange {
  const ttl = `TTL ${expiry("toDateTime(used_until, 'UTC')", config.contentRetention)}`
  return { table: 'texts', change: `MODIFY ${ttl}`, present: `) ${ttl}` }
}

/** The time that a table's rows age by; servers before 25.7 take no DateTime64 here. Series have none: they are small and samples refer to them. */
const timeColumns = {
  samples: "toDateTime(time, 'UTC')",
  samples_1m: 'minute',
  samples_5m: 'minute',
  calls: "toDateTime(started_at, 'UTC')",
  calls_1m: 'minute',
  calls_5m: 'minute',
  calls_30m: 'minute',
  scores: "toDateTime(call_started_at, 'UTC')",
  scores_1m: 'minute',
  scores_5m: 'minute',
  scores_30m: 'minute',
  answers: 'minute',
  labels: "toDateTime(labelled_at, 'UTC')",
  events: "toDateTime(time, 'UTC')",
  findings: "toDateTime(found_at, 'UTC')",
  ledger: "toDateTime(minute, 'UTC')",
  alerts: "toDateTime(changed_at, 'UTC')",
}

/** Text, and what leads to it: a call whose content has expired shows none, though a newer one keeps its text. */
const contentColumns = [
  { column: 'prompt', type: 'String CODEC(ZSTD(3))' },
  { column: 'answer', type: 'String CODEC(ZSTD(3))' },
  { column: 'attributes', type: 'Map(LowCardinality(String), String) CODEC(ZSTD(3))' },
  { column: 'prompt_hash', type: 'UInt128' },
  { column: 'answer_hash', type: 'UInt128' },
]

/** As the engine prints it back, so that it can be compared. */
function expiry(column: string, keepMs: number): string {
  const seconds = Math.ceil(Math.min(Math.max(keepMs, 1_000), longestKeepMs) / 1_000)
  return `${column} + toIntervalSecond(${seconds})`
}

/** Ten years, as the configuration says too: DateTime ends in 2106, and a time that wraps round has expired at once. */
const longestKeepMs = 3_650 * 86_400_000
