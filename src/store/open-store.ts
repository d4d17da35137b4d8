// Opens the store that the configuration names, with its tables as this program wants them.
import type { Readable } from 'node:stream'
import type { StoreConfig } from '../config/schema.ts'
import type { Log } from '../telemetry/log.ts'
import { openEmbedded } from './engine-embedded.ts'
import { openRemote } from './engine-remote.ts'
import type { Engine } from './engine.ts'
import { exportTable, type ExportRequest } from './export-table.ts'
import { migrate, readMigrations } from './migrate.ts'
import { queryReadOnly, type ReadOnlyResult } from './read-only-query.ts'
import { toObjects } from './result-rows.ts'
import { applyRetention } from './retention.ts'
import { storeFault } from './store-fault.ts'
import type { Store } from './store.ts'

/** The store with what only its owner may hand out. */
export interface OpenStore extends Store {
  /** For logs and the page, e.g. `embedded ClickHouse 26.7.2.1 in ./equipoise-data`. */
  readonly description: string
  /** One SELECT of a person, under limits; at most 10,000 rows and 30 seconds. */
  queryReadOnly(sql: string): Promise<ReadOnlyResult>
  /** A table as a file, streamed. */
  exportTable(request: ExportRequest): Promise<Readable>
}

export interface OpenStoreOptions {
  readonly config: StoreConfig
  /** Where the embedded engine keeps its tables; a server needs none. */
  readonly dataDirectory: string
  readonly log: Log
}

/**
 * Opens the embedded engine, or the server of `store.url`, migrates it and sets its retention.
 * Throws a `UserError` for what a person must mend and a `RetryableError` while the server is away.
 */
export async function openStore(options: OpenStoreOptions): Promise<OpenStore> {
  const { config, dataDirectory, log } = options
  const name = config.url === undefined ? dataDirectory : new URL(config.url).host
  const answer = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (error) {
      throw storeFault(error, name)
    }
  }
  const engine = await answer(() =>
    config.url === undefined
      ? openEmbedded({ config, dataDirectory })
      : openRemote(config, config.url),
  )
  try {
    await answer(() => prepare(engine, config, log))
  } catch (error) {
    await engine.close()
    throw error
  }
  log.info({ store: engine.description }, 'The store is open.')
  return storeOver(engine, answer)
}

async function prepare(engine: Engine, config: StoreConfig, log: Log): Promise<void> {
  await migrate(engine, await readMigrations(), log)
  await applyRetention(engine, config, log)
}

function storeOver(
  engine: Engine,
  answer: <Result>(work: () => Promise<Result>) => Promise<Result>,
): OpenStore {
  return {
    description: engine.description,
    async query<Row>(sql: string, parameters = {}) {
      const table = await answer(() => engine.select(sql, parameters))
      // The caller states the row's shape beside the SQL that makes it; nothing else can know it.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
      return toObjects(table) as Row[]
    },
    command: (sql, parameters = {}) => answer(() => engine.command(sql, parameters)),
    load: (segment) => answer(() => engine.insert(segment)),
    queryReadOnly: (sql) => answer(() => queryReadOnly(engine, sql)),
    exportTable: (request) => answer(() => exportTable(engine, request)),
    close: () => engine.close(),
  }
}
