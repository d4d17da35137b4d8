import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storeSchema } from '../config/server-schema.ts'
import { UserError } from '../records/failure.ts'
import { createLog } from '../telemetry/log.ts'
import { openStore, type OpenStore } from './open-store.ts'

const chdb = await import('chdb/connection').catch(() => undefined)

describe.skipIf(chdb === undefined)('ad hoc queries', () => {
  let directory: string
  let store: OpenStore
  let server: Server
  let secret: string
  let url: string
  let requests = 0

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'read-only-'))
    secret = join(directory, 'secret.csv')
    await writeFile(secret, '1,hidden\n')
    server = createServer((_request, response) => {
      requests += 1
      response.end('1,hidden\n')
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    url = `http://127.0.0.1:${portOf(server)}/x.csv`
    store = await openStore({
      config: storeSchema.parse({}),
      dataDirectory: join(directory, 'data'),
      log: createLog('test', 'silent'),
    })
    await store.command(
      'INSERT INTO events (project, event_id, title, time) SELECT {p:String}, toString(number), {p:String}, now64(3) FROM numbers(3)',
      { p: 'x' },
    )
  })

  afterAll(async () => {
    await store.close()
    server.close()
    await rm(directory, { recursive: true })
  })

  test.each([
    [
      "SELECT event_id FROM events WHERE title = 'x' ORDER BY event_id -- a comment; even with this",
      [['0'], ['1'], ['2']],
    ],
    [
      "WITH 2 AS n SELECT n + 1 AS three, 'FORMAT; INTO OUTFILE' AS text;",
      [[3, 'FORMAT; INTO OUTFILE']],
    ],
    ['SELECT sum(number) FROM numbers(10)', [[45]]],
    ['SELECT * FROM (SELECT 1 AS a) AS l JOIN (SELECT 1 AS a, 2 AS b) AS r USING (a)', [[1, 2]]],
    ['SELECT 1 UNION ALL SELECT 1', [[1], [1]]],
    [
      'SELECT toUInt64(18446744073709551615) AS id, sum(length(title)) OVER () FROM events LIMIT 1',
      [['18446744073709551615', 3]],
    ],
    ['EXISTS TABLE events', [[1]]],
  ])('%s', async (sql, rows) => {
    expect((await store.queryReadOnly(sql)).rows).toEqual(rows)
  })

  test('columns come with their types, tables can be listed and described, plans explained', async () => {
    const { columns, truncated } = await store.queryReadOnly('SELECT 1.5 AS x, toNullable(2) AS y')
    expect(columns).toEqual([
      { name: 'x', type: 'Float64' },
      { name: 'y', type: 'Nullable(UInt8)' },
    ])
    expect(truncated).toBe(false)
    expect((await store.queryReadOnly('show tables')).rows).toContainEqual(['calls'])
    expect((await store.queryReadOnly('DESCRIBE events')).rows[0]?.[0]).toBe('project')
    expect((await store.queryReadOnly('SHOW CREATE TABLE events')).rows).toHaveLength(1)
    expect(
      (await store.queryReadOnly('EXPLAIN SELECT count() FROM calls')).rows.length,
    ).toBeGreaterThan(0)
  })

  test('a long result is cut and says so', async () => {
    const { rows, truncated } = await store.queryReadOnly('SELECT number FROM numbers(1000000)')
    expect(rows).toHaveLength(10_000)
    expect(truncated).toBe(true)
  })

  test.each([
    ['a file as table', () => `SELECT * FROM file('${secret}', 'CSV', 'a Int32, b String')`],
    ['a file as scalar', () => `SELECT file('${secret}')`],
    ['a file as scalar in a subquery', () => `SELECT 1 WHERE (SELECT FILE('${secret}')) != ''`],
    ['a file as scalar in a view', () => `SELECT * FROM view(SELECT file('${secret}'))`],
    ['a file as scalar in a CTE', () => `WITH file('${secret}') AS f SELECT f`],
    ['a file as scalar in a lambda', () => `SELECT arrayMap(x -> file(x), ['${secret}'])`],
    ['a file in IN', () => `SELECT '1,hidden' IN file('${secret}', 'LineAsString')`],
    ['a file by its path', () => `SELECT * FROM \`${secret}\``],
    ['a file by database and path', () => `SELECT * FROM default.\`${secret}\``],
    ['a file described', () => `DESCRIBE TABLE file('${secret}')`],
    ['a file explained', () => `EXPLAIN SELECT * FROM file('${secret}')`],
    ['a file behind loop', () => `SELECT * FROM loop(file('${secret}'))`],
    ['a URL', () => `SELECT * FROM url('${url}', 'CSV', 'a Int32, b String')`],
    ['a URL described', () => `DESCRIBE TABLE url('${url}')`],
    [
      'S3',
      () => `SELECT * FROM s3('${url.replace('/x', '/bucket/x')}', 'CSV', 'a Int32, b String')`,
    ],
    ['a remote server', () => "SELECT * FROM remote('127.0.0.1:1', 'system', 'one')"],
    [
      'a remote server by hasColumnInTable',
      () => "SELECT hasColumnInTable('127.0.0.1:1', 'a', 'b', 'c', 'd', 'e')",
    ],
    ['an executable', () => "SELECT * FROM executable('x.sh', 'CSV', 'a String')"],
    ['a list of files', () => `SELECT * FROM filesystem('${directory}')`],
    ['SQLite', () => `SELECT * FROM sqlite('${secret}', 't')`],
    ['an output file', () => `SELECT 1 INTO OUTFILE '${directory}/out.csv'`],
    [
      'an output file behind a comment',
      () => `SELECT 1 /* ' */ INTO OUTFILE '${directory}/out.csv' TRUNCATE FORMAT CSV -- '`,
    ],
    ['an output file of a listing', () => `SHOW TABLES INTO OUTFILE '${directory}/out.csv'`],
    ['a format', () => 'SELECT 1 FORMAT CSV'],
    ['an insert', () => "INSERT INTO events (event_id) VALUES ('9')"],
    ['a deletion', () => 'ALTER TABLE events DELETE WHERE 1'],
    ['a drop', () => 'DROP TABLE events'],
    ['a new table', () => 'CREATE TABLE t (a Int32) ENGINE = Memory'],
    ['a second statement', () => 'SELECT 1; DROP TABLE events'],
    ['a bracket too many', () => 'SELECT 1) UNION ALL (SELECT 2'],
    ['a setting', () => 'SET readonly = 0'],
    ['a setting in the query', () => 'SELECT 1 SETTINGS max_execution_time = 1000'],
    ['another database', () => 'USE system'],
    ['a system command', () => 'SYSTEM SHUTDOWN'],
    ['a backup', () => `BACKUP TABLE events TO File('${directory}/backup')`],
    ['nonsense', () => 'SELEKT 1'],
    ['nothing', () => ''],
    ['an unknown column', () => 'SELECT nope FROM events'],
  ])('%s is refused', async (_what, sql) => {
    const refused = store.queryReadOnly(sql())
    await expect(refused).rejects.toThrow(UserError)
    await expect(refused).rejects.toThrow('The query was refused')
  })

  test('nothing was written, reached or changed, and the next query answers', async () => {
    await expect(access(join(directory, 'out.csv'))).rejects.toThrow('ENOENT')
    expect(requests).toBe(0)
    expect((await store.queryReadOnly('SELECT count() FROM events')).rows).toEqual([[3]])
    expect(await store.query("SELECT getSetting('readonly') AS readonly")).toEqual([
      { readonly: 0 },
    ])
  })
})

function portOf(listening: Server): number {
  const address = listening.address()
  if (address === null || typeof address === 'string') throw new Error('not a TCP listener')
  return address.port
}
