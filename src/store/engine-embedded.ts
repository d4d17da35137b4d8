// ClickHouse inside this process, through chdb.
import { access, constants, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient, type ClickHouseClient } from '@clickhouse/client'
import type * as chdbModule from 'chdb/connection'
import type { StoreConfig } from '../config/schema.ts'
import { messageOf, UserError } from '../records/failure.ts'
import { takePidLock } from '../spool/pid-lock.ts'
import { readOnlySettings, sessionSettings, type Engine, type ResultTable } from './engine.ts'
import { openExportFiles } from './export-files.ts'
import { createLendingPool, createTurns, type LendingPool } from './lending-pool.ts'
import { assignments, parameterStatement, requireParameters, type Settings } from './parameters.ts'
import { decodeIntegers } from './result-rows.ts'
import { openSegmentLoads } from './segment-loads.ts'
import type { QueryParameters } from './store.ts'

export interface EmbeddedOptions {
  readonly config: StoreConfig
  readonly dataDirectory: string
  /** Brings the optional dependency; a test passes one that is absent. */
  readonly importChdb?: () => Promise<Chdb>
}

type Chdb = Pick<typeof chdbModule, 'createChdbConnection'>

/** Opens the embedded engine on `dataDirectory`; one process a directory. */
export async function openEmbedded(options: EmbeddedOptions): Promise<Engine> {
  const { config, dataDirectory } = options
  await prepareDirectory(dataDirectory)
  const chdb = await importOptional(options.importChdb ?? (() => import('chdb/connection')))
  const lock = await takePidLock(
    join(dataDirectory, 'store.lock'),
    `The data directory ${dataDirectory}`,
  )
  const connections: Connection[] = []
  const connect = async (settings: Settings): Promise<Connection> => {
    const path = join(dataDirectory, 'store')
    // chdb implements this contract of the client; the two packages declare its types apart.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
    const native = chdb.createChdbConnection({ path }) as never
    const connection = new Connection(createClient({ connection: native }))
    connections.push(connection)
    await connection.command(`CREATE DATABASE IF NOT EXISTS \`${config.database}\``)
    await connection.command(`USE \`${config.database}\``)
    await connection.command(`SET ${assignments(settings)}`)
    return connection
  }
  const close = async (): Promise<void> => {
    await Promise.all(connections.map((connection) => connection.close()))
    await lock.release()
  }
  try {
    return await assemble(options, connect, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function assemble(
  { config, dataDirectory }: EmbeddedOptions,
  connect: (settings: Settings) => Promise<Connection>,
  close: () => Promise<void>,
): Promise<Engine> {
  const takeTurn = createTurns(maxReadsAtOnce())
  const writing = await connect(sessionSettings)
  const loads = await openSegmentLoads(join(dataDirectory, 'store.loads'), writing)
  const writer = createLendingPool([writing])
  const readers: Connection[] = []
  while (readers.length < config.readers) readers.push(await connect(sessionSettings))
  const pool = createLendingPool(readers, takeTurn)
  const guarded = createLendingPool([await connect(readOnlySettings)], takeTurn)
  const select = (from: LendingPool<Connection>, sql: string) =>
    from.use((connection) => connection.select(sql))
  const exports = await openExportFiles(join(dataDirectory, 'store.exports'))
  const version = await select(pool, 'SELECT version()')
  return {
    description: `embedded ClickHouse ${String(version.rows[0]?.[0])} in ${dataDirectory}`,
    select: async (sql, parameters) => select(pool, withParameters(sql, parameters)),
    command: async (sql, parameters) =>
      writer.use((connection) => connection.command(withParameters(sql, parameters))),
    insert: (segment) => writer.use(() => loads.load(segment)),
    selectReadOnly: (sql) => select(guarded, sql),
    async exportRows(sql, parameters, format) {
      const path = exports.newPath()
      const statement = withParameters(exports.statement(sql, path, format), parameters)
      await pool.use((connection) => connection.command(statement))
      return await exports.stream(path)
    },
    async close() {
      await writer.use(() => loads.close())
      await close()
    },
  }
}

/**
 * A running query holds one of libuv's threads, which the spool's syncs need too: one thread is left for
 * the writer and one for files. libuv reads this variable before any code of ours can set it.
 */
function maxReadsAtOnce(): number {
  const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) || 4
  return Math.max(1, threads - 2)
}

/** One session of the engine: settings, parameters and the current database stay with it. */
class Connection {
  readonly #client: ClickHouseClient
  /** A query that failed half-way leaves its output in front of the next one's. */
  #soiled = false

  constructor(client: ClickHouseClient) {
    this.#client = client
  }

  async command(sql: string): Promise<void> {
    await this.#guard(() => this.#client.command({ query: sql }))
  }

  async select(sql: string): Promise<ResultTable> {
    return this.#guard(async () => {
      const result = await this.#client.query({ query: sql, format: 'JSONCompact' })
      const { meta, data } = await result.json<unknown[]>()
      return decodeIntegers({ columns: meta ?? [], rows: data })
    })
  }

  close(): Promise<void> {
    return this.#client.close()
  }

  async #guard<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#soiled) await this.#client.command({ query: 'SELECT 1' })
    this.#soiled = true
    const result = await work()
    this.#soiled = false
    return result
  }
}

function withParameters(sql: string, parameters: QueryParameters): string {
  requireParameters(sql, parameters)
  return parameterStatement(parameters) + sql
}

async function importOptional(importChdb: () => Promise<Chdb>): Promise<Chdb> {
  try {
    return await importChdb()
  } catch (error) {
    throw new UserError(
      `The embedded engine (npm package chdb) cannot be loaded: ${messageOf(error)}. ` +
        'Install it with `npm ci` (without --omit=optional), or set store.url to a ClickHouse server.',
      { code: 'engine_absent', cause: error },
    )
  }
}

async function prepareDirectory(directory: string): Promise<void> {
  // The engine would read these as patterns in a segment's path.
  if (/[*?{}]|::/.test(directory)) {
    throw new UserError(
      `dataDirectory is ${directory}, expected a path without * ? { } and "::"; choose another one.`,
    )
  }
  try {
    await mkdir(directory, { recursive: true })
    await access(directory, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new UserError(
      `The data directory ${directory} cannot be written (${messageOf(error)}). ` +
        'Make it writable for this user, or set dataDirectory to another place.',
      { code: 'directory_not_writable', cause: error },
    )
  }
}
