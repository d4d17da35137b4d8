import { request } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { UserError } from '../records/failure.ts'
import { LiveFeed } from './live-feed.ts'
import { startApi } from './server.ts'
import { testConfig, testContext } from './test-context.ts'

const running: { close(): unknown }[] = []

afterEach(async () => {
  for (const one of running.splice(0)) await one.close()
})

async function start(server: object = { port: 0 }) {
  const live = new LiveFeed({ tickEveryMs: 0, heartbeatMs: 20 })
  const config = testConfig(server)
  const api = await startApi(testContext({ live, config: () => config }))
  running.push(api, live)
  return { api, live, url: `http://${api.host}:${api.port}` }
}

test('port 0 finds a free one', async () => {
  const { api, url } = await start()
  expect(api.port).toBeGreaterThan(0)
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' })
})

test('a taken port is named, with the setting that changes it', async () => {
  const { api } = await start()
  await expect(start({ port: api.port })).rejects.toThrow(
    `port ${api.port} on 127.0.0.1 is taken by another program: stop it, or set server.port`,
  )
})

test('an address of another machine is refused with the setting', async () => {
  const tokens = [{ name: 'v', role: 'viewer', token: 'viewer-0123456789' }]
  await expect(start({ host: '192.0.2.1', port: 0, tokens })).rejects.toThrow('set server.host')
})

test('no tokens, no other machines', async () => {
  await expect(start({ host: '0.0.0.0', port: 0 })).rejects.toThrow(UserError)
})

/** Reads a live stream until `enough` says so. */
async function readStream(
  url: string,
  headers: Record<string, string>,
  enough: (text: string) => boolean,
) {
  const answer = await fetch(`${url}/api/v1/stream`, { headers })
  if (answer.body === null) throw new Error('no body')
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += part.value
    if (enough(text)) break
  }
  await reader.cancel()
  return { text, type: answer.headers.get('content-type') }
}

test('messages arrive live, with heartbeats, and are replayed after the last one seen', async () => {
  const { live, url } = await start()
  live.publish({ kind: 'tick', timeMs: 1 })
  const first = readStream(
    url,
    {},
    (text) => text.includes('"timeMs":2') && text.includes(': still here'),
  )
  while (live.subscribers === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  live.publish({ kind: 'tick', timeMs: 2 })
  const { text, type } = await first
  expect(type).toBe('text/event-stream; charset=utf-8')
  expect(text).not.toContain('"timeMs":1')
  const id = /^id: (.*)$/m.exec(text)?.[1] ?? ''
  live.publish({ kind: 'tick', timeMs: 3 })
  const again = await readStream(url, { 'last-event-id': id }, (more) =>
    more.includes('"timeMs":3'),
  )
  expect(again.text).not.toContain('"timeMs":2')
})

test('a page that leaves is forgotten', async () => {
  const { live, url } = await start()
  const leave = new AbortController()
  const answer = await fetch(`${url}/api/v1/stream`, { signal: leave.signal })
  expect([answer.status, live.subscribers]).toEqual([200, 1])
  leave.abort()
  while (live.subscribers > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(live.subscribers).toBe(0)
})

test('closing ends open streams and idle connections at once', async () => {
  const { api, live, url } = await start()
  const answer = await fetch(`${url}/api/v1/stream`)
  const rest = answer.text()
  await api.close()
  expect(await rest).toContain('retry: 2000')
  expect(live.subscribers).toBe(0)
  await expect(fetch(`${url}/healthz`)).rejects.toThrow()
  running.splice(0)
  live.close()
})

test('a foreign Host header is refused on the wire too', async () => {
  const { api } = await start()
  const status = await new Promise((resolve, reject) => {
    request(
      { host: api.host, port: api.port, path: '/api/v1/fleet', headers: { host: 'evil.example' } },
      (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      },
    )
      .on('error', reject)
      .end()
  })
  expect(status).toBe(421)
})
