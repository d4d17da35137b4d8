import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAttempts } from './attempts.ts'
import { isLoopback, isSameOrigin, namesLoopback } from './origin.ts'
import { createSessions, sessionSeconds } from './sessions.ts'
import { bearerOf, matchToken, type Token } from './tokens.ts'

const token = (name: string, secret: string): Token => ({ name, role: 'viewer', token: secret })
const tokens = [token('one', 'secret-number-one'), token('two', 'secret-number-two')]

test('a token is found by its exact secret alone', () => {
  expect(matchToken(tokens, 'secret-number-two')?.name).toBe('two')
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!tokens.some((one) => one.token === text))
      expect(matchToken(tokens, text)).toBeUndefined()
    }),
  )
})

test.each([
  ['Bearer abc', 'abc'],
  ['bearer  abc ', 'abc'],
  ['Basic abc', undefined],
  ['Bearer', undefined],
  ['Bearer a b', undefined],
  [undefined, undefined],
])('bearer of %s', (header, expected) => {
  expect(bearerOf(header)).toBe(expected)
})

test('a session lasts its hours, ends on request, and ends with its token', () => {
  let nowMs = 0
  const sessions = createSessions(() => nowMs)
  const [one] = tokens
  if (one === undefined) throw new Error('no token')
  const id = sessions.open(one)
  expect(sessions.find(id, tokens)?.name).toBe('one')
  expect(sessions.find(`${id}x`, tokens)).toBeUndefined()
  expect(sessions.find(id, [token('one', 'changed-since-then')])).toBeUndefined()
  expect(sessions.find(id, [])).toBeUndefined()
  nowMs = sessionSeconds * 1_000
  expect(sessions.find(id, tokens)).toBeUndefined()
  const next = sessions.open(one)
  expect(next).not.toBe(id)
  sessions.end(next)
  expect(sessions.find(next, tokens)).toBeUndefined()
})

test('wrong tokens cost an address twice as long each time, and nobody else', () => {
  let nowMs = 0
  const attempts = createAttempts(() => nowMs)
  const waits = Array.from({ length: 12 }, () => {
    attempts.failed('a')
    const waitMs = attempts.waitMs('a')
    nowMs += waitMs
    return waitMs
  })
  expect(waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1_000))
  expect(attempts.waitMs('b')).toBe(0)
  attempts.failed('a')
  nowMs += 59_000
  expect(attempts.waitMs('a')).toBe(1_000)
  attempts.succeeded('a')
  expect(attempts.waitMs('a')).toBe(0)
})

test('an address is forgotten after a quarter of an hour', () => {
  let nowMs = 0
  const attempts = createAttempts(() => nowMs)
  for (let failure = 0; failure < 9; failure += 1) attempts.failed('a')
  nowMs += 16_000 + 15 * 60_000
  attempts.failed('a')
  expect(attempts.waitMs('a')).toBe(0)
})

test.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['[::1]', true],
  ['localhost', true],
  ['app.localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.1.5', false],
  ['127.0.0.1.evil.example', false],
  ['localhost.evil.example', false],
])('%s is loopback: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected)
  expect(namesLoopback(`${host}:4600`)).toBe(expected)
})

const host = 'localhost:4600'

test.each([
  [{ origin: 'http://localhost:4600', secFetchSite: 'same-origin' }, true],
  [{ origin: 'http://localhost:4600', secFetchSite: undefined }, true],
  [{ origin: undefined, secFetchSite: undefined }, true],
  [{ origin: undefined, secFetchSite: 'none' }, true],
  [{ origin: 'http://localhost:4600', secFetchSite: 'cross-site' }, false],
  [{ origin: 'http://localhost:3000', secFetchSite: 'same-site' }, false],
  [{ origin: 'http://localhost:3000', secFetchSite: undefined }, false],
  [{ origin: 'https://evil.example', secFetchSite: undefined }, false],
  [{ origin: 'null', secFetchSite: undefined }, false],
])('%j is our own page: %s', (headers, expected) => {
  expect(isSameOrigin({ host, ...headers })).toBe(expected)
})
