import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from './app.ts'
import { testConfig, testContext } from './test-context.ts'

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'equipoise-web-'))
  await mkdir(join(directory, 'web', 'assets'), { recursive: true })
  await writeFile(join(directory, 'secret.txt'), 'secret')
  const files = {
    'index.html': '<!doctype html>page',
    'favicon.svg': '<svg/>',
    'assets/index-Ab12_xYz.js': 'plain',
    'assets/index-Ab12_xYz.js.br': 'brotli',
    'assets/index-Ab12_xYz.js.gz': 'gzip',
    'assets/logo.svg': '<svg/>',
  }
  for (const [name, text] of Object.entries(files))
    await writeFile(join(directory, 'web', name), text)
})

afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
})

/** With a token in force: the page itself needs none, since it is what asks for one. */
function app() {
  const config = testConfig({ tokens: [{ name: 'v', role: 'viewer', token: 'viewer-0123456789' }] })
  return createApp(testContext({ config: () => config, webDirectory: join(directory, 'web') }))
}

const get = async (path: string, headers: Record<string, string> = {}) => {
  const answer = await app().request(path, { headers })
  const header = (name: string) => answer.headers.get(name)
  return { status: answer.status, header, text: await answer.text() }
}

test('the page needs no token and is never stale', async () => {
  const page = await get('/')
  expect([page.status, page.text]).toEqual([200, '<!doctype html>page'])
  expect([page.header('content-type'), page.header('cache-control')]).toEqual([
    'text/html; charset=utf-8',
    'no-cache',
  ])
  const again = await get('/', { 'if-none-match': page.header('etag') ?? '' })
  expect([again.status, again.text]).toEqual([304, ''])
})

test('hashed names are kept for ever, others are asked for again', async () => {
  expect((await get('/assets/index-Ab12_xYz.js')).header('cache-control')).toBe(
    'public, max-age=31536000, immutable',
  )
  expect((await get('/assets/logo.svg')).header('cache-control')).toBe('no-cache')
  expect((await get('/favicon.svg')).header('content-type')).toBe('image/svg+xml')
})

test.each([
  ['gzip, deflate, br', 'br', 'brotli'],
  ['gzip', 'gzip', 'gzip'],
  ['br;q=0, gzip', 'gzip', 'gzip'],
  ['identity', null, 'plain'],
])('accept-encoding %s gives %s', async (accepted, encoding, text) => {
  const file = await get('/assets/index-Ab12_xYz.js', { 'accept-encoding': accepted })
  expect([file.header('content-encoding'), file.text]).toEqual([encoding, text])
  expect(file.header('content-type')).toBe('text/javascript; charset=utf-8')
  expect(file.header('vary')).toBe('Accept-Encoding')
})

test('views of the page are the page; files and API paths that are not there are not', async () => {
  const html = { accept: 'text/html,*/*' }
  expect((await get('/models/a', html)).text).toContain('page')
  expect((await get('/models/a')).status).toBe(404)
  expect((await get('/assets/gone.js', html)).status).toBe(404)
  expect((await get('/api/v1/nothing', html)).status).toBe(404)
})

test.each([
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/assets/../../secret.txt',
  '/%2e%2e/secret.txt',
  '//secret.txt',
])('no way out of the folder: %s', async (path) => {
  const answer = await get(path)
  expect(answer.status).toBe(404)
  expect(answer.text).not.toBe('secret')
})

test('without a built page the API still answers', async () => {
  const bare = createApp(testContext({ webDirectory: join(directory, 'nowhere') }))
  expect((await bare.request('/')).status).toBe(404)
  expect((await bare.request('/healthz')).status).toBe(200)
})
