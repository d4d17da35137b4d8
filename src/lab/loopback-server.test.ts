import { expect, test } from 'vitest'
import { UserError } from '../records/failure.ts'
import { listenOnLoopback, readJson, sendJson } from './loopback-server.ts'

test('a taken port is a clear error', async () => {
  const first = await listenOnLoopback(0, () => {})
  await expect(listenOnLoopback(first.port, () => {})).rejects.toThrow(
    new UserError(
      `Port ${first.port} on 127.0.0.1 is taken, expected it free for the lab. Stop the other program or use ephemeral ports.`,
    ),
  )
  await first.close()
})

test('what a handler throws is an error object, and JSON passes', async () => {
  const server = await listenOnLoopback(0, async (request, response) => {
    if (request.url === '/bug') throw new Error('our own fault')
    sendJson(response, 200, await readJson(request))
  })
  const post = (path: string, body: string) => fetch(server.url + path, { method: 'POST', body })
  expect(await (await post('/', '{"a":["ü"]}')).text()).toBe('{"a":["ü"]}')
  const bad = await post('/', '{"a"')
  expect(bad.status).toBe(400)
  expect(await bad.text()).toContain('The body is not JSON')
  const bug = await post('/bug', '')
  expect(bug.status).toBe(500)
  expect(await bug.text()).toContain('our own fault')
  await server.close()
})

test('closing cuts calls that are under way', async () => {
  const server = await listenOnLoopback(0, () => {})
  const pending = fetch(server.url).catch((error: unknown) => error)
  await new Promise((resolve) => setTimeout(resolve, 20))
  await server.close()
  expect(await pending).toBeInstanceOf(Error)
})
