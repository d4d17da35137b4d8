import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { storeSchema } from '../config/server-schema.ts'
import { RetryableError, UserError } from '../records/failure.ts'
import { exampleCall } from '../spool/examples.ts'
import { listSealed, readSealed } from '../spool/sealed-segments.ts'
import type { Segment } from '../spool/segment.ts'
import { openSpool } from '../spool/spool.ts'
import { createLog } from '../telemetry/log.ts'
import { readMigrations } from './migrate.ts'
import { openStore } from './open-store.ts'
import { isMalformed } from './store-fault.ts'

interface Received {
  readonly parameters: URLSearchParams
  readonly sql: string
  readonly body: Buffer
  readonly authorization: string | undefined
}

type Answer = { readonly status: number; readonly text: string } | undefined

const log = createLog('test', 'silent')

let directory: string
let server: Server
let url: string
let received: Received[]
/** What the server says to a statement; `undefined` = success without rows. */
let answer: (sql: string) => Answer

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'remote-'))
  received = []
  answer = () => undefined
  server = createServer((request, response) => void reply(request, response)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  url = `http://127.0.0.1:${portOf(server)}`
})

afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await rm(directory, { recursive: true })
})

async function reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  const body = Buffer.concat(chunks)
  const parameters = new URL(request.url ?? '', url).searchParams
  const sql = parameters.get('query') ?? body.toString()
  received.push({ parameters, sql, body, authorization: request.headers.authorization })
  const { status, text } = answer(sql) ?? emptyAnswer(sql)
  const code = /Code: (\d+)/.exec(text)?.[1]
  response.writeHead(status, code === undefined ? {} : { 'X-ClickHouse-Exception-Code': code })
  response.end(text)
}

function emptyAnswer(sql: string): { readonly status: number; readonly text: string } {
  return { status: 200, text: /JSONCompact\s*$/.test(sql) ? '{"meta":[],"data":[],"rows":0}' : '' }
}

const open = () =>
  openStore({
    config: storeSchema.parse({ url, username: 'fleet', password: 'p@ss', database: 'observed' }),
    dataDirectory: directory,
    log,
  })

async function someSegment(): Promise<Segment> {
  const spool = await openSpool({
    directory: join(directory, 'spool'),
    writer: 'hub',
    config: { commitEvery: 1, rotateEvery: 600_000, rotateSize: 2 ** 24, maxSize: 2 ** 30 },
    log,
    now: Date.now,
  })
  await spool.accept(
    'calls',
    Array.from({ length: 2_000 }, () => exampleCall()),
  )
  await spool.close()
  const [sealed] = await listSealed(join(directory, 'spool'))
  if (sealed === undefined) throw new Error('nothing was sealed')
  return readSealed(sealed)
}

test('opening makes the database, applies each migration and sets the retention there', async () => {
  const store = await open()
  const [first, ...rest] = received
  expect(first?.sql).toContain('CREATE DATABASE IF NOT EXISTS `observed`')
  expect(first?.parameters.get('database')).not.toBe('observed')
  expect(new Set(rest.map(({ parameters }) => parameters.get('database')))).toEqual(
    new Set(['observed']),
  )
  expect(first?.authorization).toBe(`Basic ${Buffer.from('fleet:p@ss').toString('base64')}`)
  const applied = received.filter(({ sql }) => sql.startsWith('INSERT INTO migrations'))
  expect(applied.map(({ parameters }) => parameters.get('param_name'))).toEqual(
    (await readMigrations()).map(({ name }) => name),
  )
  expect(
    received.filter(({ sql }) => sql.startsWith('CREATE TABLE IF NOT EXISTS calls (')).length,
  ).toBe(1)
  await store.close()
})

test("a segment's bytes are the body, with its name as deduplication token", async () => {
  const segment = await someSegment()
  const store = await open()
  received = []
  await store.load(segment)
  const [request] = received
  expect(received).toHaveLength(1)
  expect(request?.sql).toMatch(/^INSERT INTO calls \(`project`, `call_id`, .*\) FORMAT RowBinary$/)
  expect(request?.body.equals(await readFile(segment.path))).toBe(true)
  expect(request?.body.length).toBe(segment.bytes)
  expect(Object.fromEntries(request?.parameters ?? [])).toMatchObject({
    insert_deduplication_token: segment.name,
    insert_deduplicate: '1',
    deduplicate_blocks_in_dependent_materialized_views: '1',
    async_insert: '0',
    database: 'observed',
  })
  await store.close()
})

test('queries send their parameters beside the text and get numbers back', async () => {
  const store = await open()
  received = []
  answer = (sql) =>
    sql.startsWith('SELECT n')
      ? {
          status: 200,
          text: '{"meta":[{"name":"n","type":"UInt64"},{"name":"big","type":"UInt64"}],"data":[["7","18446744073709551615"]],"rows":1}',
        }
      : undefined
  expect(
    await store.query('SELECT n WHERE {m:String} AND {list:Array(String)}', {
      m: "it's",
      list: ["a'b"],
    }),
  ).toEqual([{ n: 7, big: '18446744073709551615' }])
  expect(received[0]?.parameters.get('param_m')).toBe("it\\'s")
  expect(received[0]?.parameters.get('param_list')).toBe("['a\\'b']")
  expect(received[0]?.parameters.get('output_format_json_quote_64bit_integers')).toBe('1')
  expect(received[0]?.parameters.get('session_timezone')).toBe('UTC')
  await store.close()
})

test('ad hoc queries go through the parser and run read-only under limits', async () => {
  const store = await open()
  received = []
  answer = (sql) =>
    sql.startsWith('SELECT formatQuery')
      ? {
          status: 200,
          text: '{"meta":[{"name":"q","type":"String"}],"data":[["SELECT 1"]],"rows":1}',
        }
      : undefined
  await store.queryReadOnly('select 1')
  const [parse, tree, run] = received
  expect(parse?.parameters.get('param_sql')).toBe('select 1')
  expect(tree?.sql).toContain('EXPLAIN AST')
  expect(run?.sql).toMatch(/^SELECT 1\s+FORMAT JSONCompact$/)
  expect(Object.fromEntries(run?.parameters ?? [])).toMatchObject({
    readonly: '1',
    max_execution_time: '30',
    max_result_rows: '10001',
  })
  await store.close()
})

test('a server that is away, or busy, is a passing fault; bad rows and a wrong password are not', async () => {
  const segment = await someSegment()
  const store = await open()
  const loadWith = async (text: string): Promise<unknown> => {
    answer = () => ({ status: 500, text })
    return store.load(segment).catch((error: unknown) => error)
  }
  expect(
    await loadWith('Code: 252. DB::Exception: Too many parts. (TOO_MANY_PARTS)'),
  ).toBeInstanceOf(RetryableError)
  const malformed = await loadWith(
    'Code: 33. DB::Exception: Cannot read all data. (CANNOT_READ_ALL_DATA)',
  )
  expect(malformed).not.toBeInstanceOf(RetryableError)
  expect(isMalformed(malformed)).toBe(true)
  const refused = await loadWith(
    'Code: 516. DB::Exception: fleet: Authentication failed. (AUTHENTICATION_FAILED)',
  )
  expect(refused).toBeInstanceOf(UserError)
  server.closeAllConnections()
  server.close()
  const away = await store.load(segment).catch((error: unknown) => error)
  expect(away).toBeInstanceOf(RetryableError)
  expect(String(away)).toContain('is away')
  await store.close()
})

test('opening while the server is away is a passing fault that names it', async () => {
  server.close()
  const refused = open()
  await expect(refused).rejects.toThrow(RetryableError)
  await expect(refused).rejects.toThrow(new URL(url).host)
})

function portOf(listening: Server): number {
  const address = listening.address()
  if (address === null || typeof address === 'string') throw new Error('not a TCP listener')
  return address.port
}
