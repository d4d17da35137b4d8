import { expect, test } from 'vitest'
import { RetryableError, UserError } from '../records/failure.ts'
import { createApp } from './app.ts'
import { securityHeaders } from './security-headers.ts'
import { testContext } from './test-context.ts'

const json = { 'content-type': 'application/json' }

test.each(['/healthz', '/api/v1/fleet', '/api/v1/nothing', '/', '/api/v1/board?from=x'])(
  '%s carries every security header and no CORS',
  async (path) => {
    const response = await createApp(testContext()).request(path, {
      headers: { origin: 'https://evil.example' },
    })
    for (const [name, value] of Object.entries(securityHeaders)) {
      expect(response.headers.get(name)).toBe(value)
    }
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
    expect(response.headers.get('content-security-policy')).not.toContain('unsafe')
  },
)

test('answers of the API are not cached', async () => {
  const response = await createApp(testContext()).request('/api/v1/fleet')
  expect(response.headers.get('cache-control')).toBe('no-store')
})

test.each([
  ['/api/v1/bord', '; did you mean /api/v1/board?'],
  ['/api/v1/call', '; did you mean /api/v1/calls?'],
  ['/completely/elsewhere', ''],
])('an unknown path %s gets a hint', async (path, hint) => {
  const response = await createApp(testContext()).request(path)
  expect(response.status).toBe(404)
  expect(await response.json()).toEqual({
    error: { code: 'not_found', message: `nothing is at ${path}${hint}` },
  })
})

test('a wrong method says which are right', async () => {
  const response = await createApp(testContext()).request('/api/v1/events', { method: 'DELETE' })
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST'])
})

/** What a route answers when accepting fails so. */
async function ask(error: Error) {
  const context = testContext({
    accept: async () => {
      throw error
    },
  })
  const response = await createApp(context).request('/api/v1/events', {
    method: 'POST',
    headers: json,
    body: '{"kind":"deploy","title":"v2"}',
  })
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body: await response.json(),
  }
}

test('every kind of failure has its answer', async () => {
  expect(await ask(new UserError('no such thing', { status: 409, code: 'clash' }))).toEqual({
    status: 409,
    retryAfter: null,
    body: { error: { code: 'clash', message: 'no such thing' } },
  })
  expect(await ask(new RetryableError('the disk is full', { retryAfterMs: 4_200 }))).toEqual({
    status: 503,
    retryAfter: '5',
    body: { error: { code: 'try_again', message: 'the disk is full' } },
  })
  const broken = await ask(new Error('password=hunter2 at /secret/path'))
  expect(broken.status).toBe(500)
  expect(JSON.stringify(broken.body)).not.toContain('hunter2')
})

test.each([
  ['{', 'the body is not JSON'],
  ['{"kind":"deploy","title":"x","colour":"red"}', 'colour'],
  ['{"kind":"party","title":"x"}', 'kind'],
  ['[]', 'expected array to have >=1 items'],
  ['{"kind":"deploy","title":"x","time":1767225600}', 'not seconds'],
])('refused body: %s', async (body, reason) => {
  const response = await createApp(testContext()).request('/api/v1/events', {
    method: 'POST',
    headers: json,
    body,
  })
  expect(response.status).toBe(400)
  expect(JSON.stringify(await response.json())).toContain(reason)
})

test('a body of another type is refused: a form of another site cannot pass for JSON', async () => {
  const response = await createApp(testContext()).request('/api/v1/events', {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: '{}',
  })
  expect(response.status).toBe(415)
})

test('a body over the limit is refused before it is read', async () => {
  const response = await createApp(testContext()).request('/api/v1/labels', {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ comment: 'x'.repeat(70_000) }),
  })
  expect(response.status).toBe(413)
  expect(JSON.stringify(await response.json())).toContain('64 KiB')
})

test('health: alive is not the same as ready', async () => {
  const app = createApp(testContext())
  expect(await (await app.request('/healthz')).json()).toEqual({ status: 'ok' })
  const failing = await app.request('/api/v1/health')
  expect(failing.status).toBe(503)
  expect(await failing.json()).toEqual({ status: 'failing', reason: 'the store does not answer' })
})
