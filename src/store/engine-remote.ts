// A ClickHouse server or cluster over HTTP.
import { createReadStream } from 'node:fs'
import {
  ClickHouseLogLevel,
  createClient,
  drainStream,
  type ClickHouseClient,
} from '@clickhouse/client'
import type { StoreConfig } from '../config/schema.ts'
import { RetryableError } from '../records/failure.ts'
import type { Segment } from '../spool/segment.ts'
import {
  columnList,
  insertSettings,
  readOnlySettings,
  sessionSettings,
  type Engine,
  type ResultTable,
} from './engine.ts'
import { engineFormats, exportSettings } from './export-table.ts'
import { requireParameters } from './parameters.ts'
import { decodeIntegers } from './result-rows.ts'
import { engineErrorCode, isNetworkError } from './store-fault.ts'

/** Connects to the server at `url` and makes its database when it is not there. */
export async function openRemote(config: StoreConfig, url: string): Promise<Engine> {
  await createDatabase(config, url)
  const client = createClient({
    ...login(config, url),
    database: config.database,
    max_open_connections: config.readers + 2,
    // A list of thousands of ids does not fit in the line of a request.
    use_multipart_params_auto: true,
    clickhouse_settings: sessionSettings,
  })
  return {
    description: `ClickHouse at ${new URL(url).host}`,
    async select(sql, parameters) {
      requireParameters(sql, parameters)
      const result = await asked(() =>
        client.query({ query: sql, format: 'JSONCompact', query_params: { ...parameters } }),
      )
      return tableOf(await result.json<unknown[]>())
    },
    async command(sql, parameters) {
      requireParameters(sql, parameters)
      await asked(() => client.command({ query: sql, query_params: { ...parameters } }))
    },
    insert: (segment) => insert(client, segment),
    async selectReadOnly(sql) {
      const result = await asked(() =>
        client.query({ query: sql, format: 'JSONCompact', clickhouse_settings: readOnlySettings }),
      )
      return tableOf(await result.json<unknown[]>())
    },
    async exportRows(sql, parameters, format) {
      requireParameters(sql, parameters)
      const { engine_file_truncate_on_insert: _, ...settings } = exportSettings
      const { stream } = await asked(() =>
        client.exec({
          query: `${sql} FORMAT ${engineFormats[format]}`,
          query_params: { ...parameters },
          clickhouse_settings: settings,
        }),
      )
      return stream
    },
    close: () => client.close(),
  }
}

/** The bytes on disk are the body: nothing is parsed on the way. */
async function insert(client: ClickHouseClient, segment: Segment): Promise<void> {
  const result = await asked(() =>
    client.exec({
      query: `INSERT INTO ${segment.table} (${columnList(segment)}) FORMAT RowBinary`,
      values: createReadStream(segment.path),
      clickhouse_settings: insertSettings(segment),
    }),
  )
  await drainStream(result.stream)
}

async function createDatabase(config: StoreConfig, url: string): Promise<void> {
  const client = createClient(login(config, url))
  try {
    const query = `CREATE DATABASE IF NOT EXISTS \`${config.database}\``
    await asked(() => client.command({ query }))
  } finally {
    await client.close()
  }
}

/** Sends a request. An answer that no ClickHouse gives comes from a proxy in between, whose trouble passes. */
async function asked<Result>(send: () => Promise<Result>): Promise<Result> {
  try {
    return await send()
  } catch (error) {
    // The client makes a bare `Error` of a body that it cannot read, and drops the status.
    const isForeign =
      error instanceof Error &&
      error.constructor === Error &&
      engineErrorCode(error) === undefined &&
      !isNetworkError(error)
    if (!isForeign) throw error
    const said =
      error.message === '' ? 'an empty error' : JSON.stringify(error.message.slice(0, 200))
    throw new RetryableError(
      `What answers at the store's address says ${said}, which no ClickHouse does. Is store.url right, and does a proxy in between reach the server?`,
      { cause: error },
    )
  }
}

function login(
  config: StoreConfig,
  url: string,
): {
  readonly url: string
  readonly username: string
  readonly password: string
  readonly log: { readonly level: ClickHouseLogLevel }
} {
  // Whoever calls gets the error; the client would print it a second time.
  const log = { level: ClickHouseLogLevel.OFF }
  return { url, username: config.username, password: config.password, log }
}

function tableOf(result: {
  readonly meta?: ResultTable['columns']
  readonly data: readonly unknown[][]
}): ResultTable {
  return decodeIntegers({ columns: result.meta ?? [], rows: result.data })
}
