// A ClickHouse server for tests: the HTTP protocol in front of the embedded engine, which runs every statement for
// real. It can be told to misbehave. One a process, because the engine takes one directory a process.
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { Session } from 'chdb'
import { messageOf } from '../src/records/failure.ts'
import { literal } from '../src/store/parameters.ts'

/**
 * `healthy`; `refusing`: nobody listens; `unavailable`: a proxy in front answers 503; `overloaded`: the server itself
 * refuses with code 202; `hanging`: no answer comes; `mute`: statements are executed, then the connection breaks.
 */
export type StandInMood = 'healthy' | 'refusing' | 'unavailable' | 'overloaded' | 'hanging' | 'mute'

export interface ClickHouseStandIn {
  readonly url: string
  /** Settles once the mood holds; connections of the former one are cut. */
  become(mood: StandInMood): Promise<void>
  /** Statements that failed in the engine, with what it said. */
  readonly failures: readonly string[]
  /** Inserts that were executed. */
  inserts(): number
  close(): Promise<void>
}

export interface StandInOptions {
  /** Of the engine's tables and of bodies on their way. */
  readonly directory: string
  readonly username?: string
  readonly password?: string
}

/** Starts a server on a free loopback port. */
export async function startClickHouseStandIn(options: StandInOptions): Promise<ClickHouseStandIn> {
  await mkdir(join(options.directory, 'bodies'), { recursive: true })
  const path = join(options.directory, 'engine')
  // Held open: the engine of a process is there while a session is.
  const first = new Session(path)
  const state: State = { ...options, path, mood: 'healthy', failures: [], inserts: 0, bodies: 0 }
  // As long a line as the real server takes (http_max_uri_size).
  const server = createServer({ maxHeaderSize: 1_024 * 1_024 }, (request, response) => {
    answer(state, request, response).catch(() => response.destroy())
  })
  const port = await listen(server, 0)
  return {
    url: `http://127.0.0.1:${port}`,
    failures: state.failures,
    inserts: () => state.inserts,
    async become(mood) {
      state.mood = mood
      await stop(server)
      if (mood !== 'refusing') await listen(server, port)
    },
    async close() {
      await stop(server)
      first.close()
    },
  }
}

interface State extends StandInOptions {
  readonly path: string
  readonly failures: string[]
  mood: StandInMood
  inserts: number
  bodies: number
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not a TCP listener')
  return address.port
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  if (!server.listening) return
  server.close()
  await once(server, 'close')
}

async function answer(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { mood } = state
  if (mood === 'hanging') return
  if (mood === 'unavailable') return reply(response, 503, 'upstream connect error')
  if (mood === 'overloaded') return fail(response, tooMany)
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stand-in')
  if (pathname === '/ping') return reply(response, 200, 'Ok.\n')
  if (!isLoggedIn(state, request)) return fail(response, wrongLogin)
  try {
    const { bytes, isInsert } = await execute(state, searchParams, request)
    if (isInsert) state.inserts += 1
    if (state.mood === 'mute') return void response.destroy()
    reply(response, 200, bytes, { 'X-ClickHouse-Summary': '{}' })
  } catch (error) {
    state.failures.push(messageOf(error))
    fail(response, messageOf(error))
  }
}

const tooMany =
  'Code: 202. DB::Exception: Too many simultaneous queries. (TOO_MANY_SIMULTANEOUS_QUERIES)'
const wrongLogin =
  'Code: 516. DB::Exception: Authentication failed: password is incorrect. (AUTHENTICATION_FAILED)'

function isLoggedIn({ username = 'default', password = '' }: State, request: IncomingMessage) {
  const { authorization = `Basic ${Buffer.from('default:').toString('base64')}` } = request.headers
  return authorization === `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

function reply(
  response: ServerResponse,
  status: number,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, headers).end(body)
}

function fail(response: ServerResponse, message: string): void {
  const code = /Code: (\d+)/.exec(message)?.[1] ?? '1002'
  reply(response, code === '516' ? 403 : 500, message, { 'X-ClickHouse-Exception-Code': code })
}

interface Executed {
  readonly bytes: Uint8Array
  readonly isInsert: boolean
}

/** Runs the statement of one request on a session of its own, as the server does. */
async function execute(
  state: State,
  parameters: URLSearchParams,
  request: IncomingMessage,
): Promise<Executed> {
  const inLine = parameters.get('query')
  // With the statement in the line, the body holds the rows of an insert.
  const file = inLine === null ? null : await keepBody(state, request)
  const sql =
    inLine === null ? await statementOf(request, parameters) : fromFile(inLine, file ?? '')
  const session = new Session(state.path)
  try {
    for (const statement of settingStatements(parameters)) await session.queryAsync(statement)
    const result = await session.queryAsync(sql, { format: 'TabSeparated' })
    return { bytes: result.bytes(), isInsert: file !== null }
  } finally {
    session.close()
    if (file !== null) await rm(file, { force: true })
  }
}

async function keepBody(state: State, request: IncomingMessage): Promise<string> {
  state.bodies += 1
  const file = join(state.directory, 'bodies', String(state.bodies))
  // Rejects when the client goes away in the middle: nothing of such a body is inserted.
  await pipeline(request, createWriteStream(file))
  return file
}

function fromFile(statement: string, file: string): string {
  const [, insert, format] = /^(INSERT INTO [^]*) FORMAT (\w+)\s*$/.exec(statement) ?? []
  if (insert === undefined || format === undefined) {
    throw new Error('Code: 62. DB::Exception: rows came with no INSERT ... FORMAT. (SYNTAX_ERROR)')
  }
  return `${insert} FROM INFILE ${literal(file)} FORMAT ${format}`
}

/** The body, or its part `query`; other parts are parameters that were too long for the line. */
async function statementOf(request: IncomingMessage, parameters: URLSearchParams): Promise<string> {
  const { 'content-type': type = '' } = request.headers
  const body = await buffer(request)
  if (!type.startsWith('multipart/form-data')) return body.toString()
  const form = await new Response(body, { headers: { 'content-type': type } }).formData()
  let statement = ''
  for (const [name, value] of form) {
    if (typeof value !== 'string') throw new Error(`the part ${name} is a file, expected text`)
    if (name === 'query') statement = value
    else parameters.set(name, value)
  }
  return statement
}

/** Database, settings and parameters of the query line; `readonly` last, since it freezes the others. */
function settingStatements(parameters: URLSearchParams): readonly string[] {
  const database = parameters.get('database')
  const settings = [...parameters]
    .filter(([name]) => !ofTheProtocol.has(name))
    .toSorted(([a], [b]) => Number(a === 'readonly') - Number(b === 'readonly'))
    .map(([name, value]) => `SET ${name} = ${literal(value)}`)
  return database === null ? settings : [`USE \`${database}\``, ...settings]
}

/** What the HTTP layer itself reads. */
const ofTheProtocol: ReadonlySet<string> = new Set([
  'query',
  'query_id',
  'database',
  'wait_end_of_query',
  'send_progress_in_http_headers',
  'enable_http_compression',
  'default_format',
  'role',
])
