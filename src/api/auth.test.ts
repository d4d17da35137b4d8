import { expect, test } from 'vitest'
import type { Role } from '../config/server-schema.ts'
import { leastRole, type Access } from './access/role-table.ts'
import { createApp } from './app.ts'
import { createAuth } from './auth.ts'
import type { ApiContext } from './context.ts'
import type { ApiError, Session } from './contract.ts'
import { apiRoutes } from './routes.ts'
import { bodyOf, testConfig, testContext } from './test-context.ts'

const secret = (role: Role) => `${role}-0123456789abcdef`
const roles: readonly Role[] = ['viewer', 'reviewer', 'operator', 'admin', 'ingest']
const tokens = roles.map((role) => ({ name: `the ${role}`, role, token: secret(role) }))

/** With tokens, on an address that other machines reach. */
function guarded(parts: Partial<ApiContext> = {}) {
  const config = testConfig({ host: '0.0.0.0', tokens })
  return createApp(testContext({ config: () => config, ...parts }))
}

const bearer = (role: Role) => ({ authorization: `Bearer ${secret(role)}` })

async function codeOf(response: Response): Promise<string> {
  return (await bodyOf<ApiError>(response)).error.code
}

const allowed: Readonly<Record<Access, readonly Role[]>> = {
  public: roles,
  viewer: ['viewer', 'reviewer', 'operator', 'admin'],
  viewer_or_loopback: ['viewer', 'reviewer', 'operator', 'admin'],
  reviewer: ['reviewer', 'operator', 'admin'],
  operator: ['operator', 'admin'],
  operator_or_ingest: ['operator', 'admin', 'ingest'],
  admin: ['admin'],
}

/** What each route asks for, written down a second time on purpose. */
const expected: Readonly<Record<string, Access>> = {
  'GET /api/v1/board': 'viewer',
  'GET /api/v1/stream': 'viewer',
  'GET /api/v1/fleet': 'viewer',
  'GET /api/v1/sources': 'viewer',
  'GET /api/v1/gateway': 'viewer',
  'GET /api/v1/alerts': 'viewer',
  'GET /api/v1/events': 'viewer',
  'POST /api/v1/events': 'operator_or_ingest',
  'GET /api/v1/controls': 'viewer',
  'POST /api/v1/backfill': 'operator',
  'GET /api/v1/backfill': 'viewer',
  'POST /api/v1/labels': 'reviewer',
  'GET /api/v1/calls': 'viewer',
  'GET /api/v1/calls/:id': 'viewer',
  'GET /api/v1/quality': 'viewer',
  'POST /api/v1/query': 'admin',
  'GET /api/v1/session': 'public',
  'POST /api/v1/session': 'public',
  'DELETE /api/v1/session': 'public',
  'POST /api/v1/write': 'operator_or_ingest',
  'POST /api/v1/calls': 'operator_or_ingest',
  'POST /api/v1/scores': 'operator_or_ingest',
  'POST /api/v1/feedback': 'operator_or_ingest',
  'POST /api/v1/import/events': 'operator_or_ingest',
  'POST /api/v1/import/labels': 'operator',
  'POST /api/v1/export': 'admin',
  'POST /v1/traces': 'operator_or_ingest',
  'POST /v1/metrics': 'operator_or_ingest',
  'POST /v1/logs': 'operator_or_ingest',
  'GET /healthz': 'public',
  'GET /api/v1/health': 'public',
  'GET /api/v1/doctor': 'operator',
  'GET /metrics': 'viewer_or_loopback',
}

const context = testContext()
const routes = apiRoutes(context, createAuth(context))

test('the table of routes asks for what it should', () => {
  const table = routes.map((route) => [`${route.method} ${route.path}`, route.access])
  expect(Object.fromEntries(table)).toEqual(expected)
})

const guardedRoutes = routes.filter((route) => route.access !== 'public')

test.each(guardedRoutes)('$method $path: each role', async ({ method, path, access }) => {
  const app = guarded()
  const ask = async (headers: Record<string, string>) => {
    const response = await app.request(path, { method, headers })
    await response.body?.cancel()
    return response.status
  }
  expect(await ask({})).toBe(401)
  for (const role of roles) {
    const status = await ask(bearer(role))
    if (allowed[access].includes(role)) expect([401, 403]).not.toContain(status)
    else expect(status).toBe(403)
  }
})

test('least roles name the smallest role that is enough', () => {
  expect(leastRole('operator_or_ingest')).toBe('operator')
  expect(leastRole('admin')).toBe('admin')
})

test('refusals say who, what and what is missing', async () => {
  const response = await guarded().request('/api/v1/query', {
    method: 'POST',
    headers: bearer('viewer'),
  })
  expect(await response.json()).toEqual({
    error: {
      code: 'role_too_small',
      message: '"the viewer" has role viewer; this needs admin or above',
    },
  })
  const missing = await guarded().request('/api/v1/board')
  expect(missing.status).toBe(401)
  expect(await codeOf(missing)).toBe('token_missing')
})

test('without tokens on loopback everyone is admin, and metrics are open', async () => {
  const app = createApp(testContext())
  const session = await bodyOf<Session>(await app.request('/api/v1/session'))
  expect(session).toEqual({
    authenticated: true,
    name: 'local',
    role: 'admin',
    project: 'p',
    version: '0.0.0-test',
  })
  expect((await app.request('/api/v1/fleet')).status).toBe(200)
})

test('without tokens on any other address nobody is anybody', async () => {
  const config = testConfig({ host: '0.0.0.0' })
  const app = createApp(testContext({ config: () => config }))
  expect((await app.request('/api/v1/fleet')).status).toBe(401)
})

test('with tokens on loopback metrics stay open, the rest does not', async () => {
  const config = testConfig({ tokens })
  const app = createApp(testContext({ config: () => config }))
  expect((await app.request('/metrics')).status).toBe(200)
  expect((await app.request('/api/v1/fleet')).status).toBe(401)
})

async function logIn(app: ReturnType<typeof createApp>, token: string, headers = {}) {
  return await app.request('/api/v1/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ token }),
  })
}

test('a browser logs in by cookie, which is not the token, and out again', async () => {
  const app = guarded()
  const answer = await logIn(app, secret('reviewer'))
  expect(await answer.json()).toMatchObject({ authenticated: true, role: 'reviewer' })
  const setCookie = answer.headers.get('set-cookie') ?? ''
  expect(setCookie).toMatch(
    /^equipoise_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
  )
  expect(setCookie).not.toContain(secret('reviewer'))
  const cookie = { cookie: setCookie.split(';')[0] ?? '' }
  expect((await app.request('/api/v1/fleet', { headers: cookie })).status).toBe(200)
  const out = await app.request('/api/v1/session', { method: 'DELETE', headers: cookie })
  expect([out.status, out.headers.get('set-cookie')]).toEqual([
    204,
    expect.stringContaining('Max-Age=0'),
  ])
  expect((await app.request('/api/v1/fleet', { headers: cookie })).status).toBe(401)
})

test('behind TLS the cookie is secure', async () => {
  const answer = await logIn(guarded(), secret('viewer'), { 'x-forwarded-proto': 'https' })
  expect(answer.headers.get('set-cookie')).toContain('Secure')
})

test('taking a token out of the configuration ends its sessions', async () => {
  let config = testConfig({ host: '0.0.0.0', tokens })
  const app = createApp(testContext({ config: () => config }))
  const cookie = (await logIn(app, secret('viewer'))).headers.get('set-cookie')?.split(';')[0] ?? ''
  expect((await app.request('/api/v1/fleet', { headers: { cookie } })).status).toBe(200)
  config = testConfig({
    host: '0.0.0.0',
    tokens: tokens.filter((token) => token.role !== 'viewer'),
  })
  expect((await app.request('/api/v1/fleet', { headers: { cookie } })).status).toBe(401)
})

test('a write-only token cannot log in', async () => {
  const answer = await logIn(guarded(), secret('ingest'))
  expect([answer.status, answer.headers.get('set-cookie')]).toEqual([403, null])
})

test('guessing is slowed, with a time to wait, even for the right token', async () => {
  let nowMs = 0
  const app = guarded({ now: () => nowMs })
  const statuses = []
  for (let attempt = 0; attempt < 6; attempt += 1) statuses.push((await logIn(app, 'wrong')).status)
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
  const waiting = await app.request('/api/v1/fleet', { headers: bearer('admin') })
  expect([waiting.status, waiting.headers.get('retry-after')]).toEqual([429, '1'])
  nowMs = 1_001
  expect((await app.request('/api/v1/fleet', { headers: bearer('admin') })).status).toBe(200)
})

test('a page of another site can act neither by cookie nor by being on this machine', async () => {
  const other = { origin: 'https://evil.example', 'content-type': 'application/json' }
  const app = guarded()
  const cookie = (await logIn(app, secret('admin'))).headers.get('set-cookie')?.split(';')[0] ?? ''
  const byCookie = await app.request('/api/v1/query', {
    method: 'POST',
    headers: { ...other, cookie },
    body: '{"sql":"SELECT 1"}',
  })
  expect([byCookie.status, await codeOf(byCookie)]).toEqual([403, 'other_site'])
  const open = createApp(testContext())
  const byPlace = await open.request('/api/v1/events', {
    method: 'POST',
    headers: other,
    body: '{}',
  })
  expect([byPlace.status, await codeOf(byPlace)]).toEqual([403, 'other_site'])
  const byFetch = await open.request('/api/v1/events', {
    method: 'POST',
    headers: { 'sec-fetch-site': 'cross-site' },
    body: '{}',
  })
  expect(byFetch.status).toBe(403)
  // A bearer token is proof enough: no other page has it.
  const byToken = await app.request('/api/v1/query', {
    method: 'POST',
    headers: { ...other, ...bearer('admin') },
    body: '{}',
  })
  expect(byToken.status).toBe(400)
})

test('a foreign name on loopback is refused: DNS rebinding', async () => {
  const app = createApp(testContext())
  const ask = async (host: string) => await app.request('/api/v1/fleet', { headers: { host } })
  expect((await ask('127.0.0.1:4600')).status).toBe(200)
  expect((await ask('[::1]:4600')).status).toBe(200)
  const foreign = await ask('evil.example:4600')
  expect([foreign.status, await codeOf(foreign)]).toEqual([421, 'wrong_host'])
})
