// Brings a store to the tables that this program knows: numbered SQL files, each applied once.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { UserError } from '../records/failure.ts'
import type { Log } from '../telemetry/log.ts'
import type { Engine } from './engine.ts'
import { toObjects } from './result-rows.ts'

export interface Migration {
  readonly version: number
  /** File name, e.g. `0001-records.sql`. */
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

/** Applies what is missing. Refuses a store that a newer program has migrated, or whose applied files have changed. */
export async function migrate(
  engine: Engine,
  migrations: readonly Migration[],
  log: Log,
): Promise<void> {
  await engine.command(migrationsTable, {})
  const applied = await readApplied(engine)
  refuseNewer(applied, migrations)
  for (const migration of migrations) {
    const checksum = applied.get(migration.version)
    if (checksum === undefined) await apply(engine, migration, log)
    else if (checksum !== migration.checksum) throw changedError(migration, checksum)
  }
}

/** The SQL files beside this module, in the order of their numbers. */
export async function readMigrations(): Promise<readonly Migration[]> {
  const folder = new URL('./migrations/', import.meta.url)
  const files = (await readdir(folder)).filter((file) => /^\d{4}-[a-z0-9-]+\.sql$/.test(file))
  return Promise.all(
    files.toSorted().map(async (name) => {
      const sql = await readFile(new URL(name, folder), 'utf8')
      const checksum = createHash('sha256').update(sql).digest('hex')
      return { version: Number(name.slice(0, 4)), name, sql, checksum }
    }),
  )
}

/** Statements of a file: `;` ends one at the end of its line, `--` starts a comment line. */
export function statementsOf(sql: string): readonly string[] {
  return sql
    .replace(/^\s*--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}

const migrationsTable = `CREATE TABLE IF NOT EXISTS migrations (
  version UInt32, name String, checksum String, applied_at DateTime64(3, 'UTC')
) ENGINE = MergeTree ORDER BY version`

async function readApplied(engine: Engine): Promise<ReadonlyMap<number, string>> {
  const table = await engine.select(
    'SELECT version, checksum FROM migrations ORDER BY version, applied_at',
    {},
  )
  return new Map(toObjects(table).map((row) => [Number(row['version']), String(row['checksum'])]))
}

function refuseNewer(applied: ReadonlyMap<number, string>, migrations: readonly Migration[]): void {
  const newest = Math.max(0, ...applied.keys())
  const known = Math.max(0, ...migrations.map((migration) => migration.version))
  if (newest > known) {
    throw new UserError(
      `The store was migrated to version ${newest}, and this program knows versions up to ${known}: ` +
        'start the newer program, or restore a copy of the store from before it.',
      { code: 'store_newer' },
    )
  }
}

function changedError(migration: Migration, checksum: string): UserError {
  return new UserError(
    `The store was made with another ${migration.name} (checksum ${checksum.slice(0, 12)}, ` +
      `this program has ${migration.checksum.slice(0, 12)}): start the program that made it, or a new data directory.`,
    { code: 'migration_changed' },
  )
}

/** Statements say IF NOT EXISTS, so a migration that was stopped half-way is applied again from its start. */
async function apply(engine: Engine, migration: Migration, log: Log): Promise<void> {
  for (const statement of statementsOf(migration.sql)) await engine.command(statement, {})
  const { version, name, checksum } = migration
  await engine.command(
    'INSERT INTO migrations SELECT {version:UInt32}, {name:String}, {checksum:String}, now64(3)',
    { version, name, checksum },
  )
  log.info({ migration: name }, 'A migration was applied.')
}
