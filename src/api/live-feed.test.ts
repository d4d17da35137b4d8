import { afterEach, expect, test, vi } from 'vitest'
import type { StreamMessage } from './contract.ts'
import { LiveFeed, type LiveFeedOptions } from './live-feed.ts'
import { streamOf } from './routes/stream.ts'

const open: LiveFeed[] = []

afterEach(() => {
  for (const feed of open.splice(0)) feed.close()
  vi.useRealTimers()
})

function newFeed(options: LiveFeedOptions = {}): LiveFeed {
  const feed = new LiveFeed({ tickEveryMs: 0, ...options })
  open.push(feed)
  return feed
}

function listen(feed: LiveFeed, lastEventId: string | null = null) {
  const frames: string[] = []
  let ended = false
  const leave = feed.subscribe(
    {
      deliver: (frame) => frames.push(frame),
      end: () => {
        ended = true
      },
    },
    lastEventId,
  )
  return { frames, leave, ended: () => ended, messages: () => frames.map(messageOf) }
}

const messageOf = (frame: string): unknown => JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? 'null')
const idOf = (frame: string | undefined): string => /^id: (.*)$/m.exec(frame ?? '')?.[1] ?? ''
const tick = (timeMs: number): StreamMessage => ({ kind: 'tick', timeMs })

test('every subscriber gets every message once, until it leaves', () => {
  const feed = newFeed()
  const first = listen(feed)
  const second = listen(feed)
  feed.publish(tick(1))
  second.leave()
  feed.publish(tick(2))
  expect(first.messages()).toEqual([tick(1), tick(2)])
  expect(second.messages()).toEqual([tick(1)])
  expect(feed.subscribers).toBe(1)
})

test('a page that comes back gets exactly what it missed', () => {
  const feed = newFeed()
  const page = listen(feed)
  for (const timeMs of [1, 2, 3]) feed.publish(tick(timeMs))
  page.leave()
  feed.publish(tick(4))
  expect(listen(feed, idOf(page.frames[0])).messages()).toEqual([tick(2), tick(3), tick(4)])
  expect(listen(feed, idOf(page.frames[2])).messages()).toEqual([tick(4)])
  expect(listen(feed, null).messages()).toEqual([])
})

test.each([
  ['too long ago', (seen: string) => seen],
  ['another process', () => 'abcdef-7'],
  ['nonsense', () => 'x'],
])('%s: one tick makes it read everything anew', (_, lastId) => {
  const feed = newFeed({ ringSize: 2 })
  const page = listen(feed)
  for (const timeMs of [1, 2, 3, 4, 5]) feed.publish(tick(timeMs))
  const again = listen(feed, lastId(idOf(page.frames[0])))
  expect(again.messages()).toEqual([tick(0)])
  // The tick carries the newest id, so the next return replays from there.
  expect(idOf(again.frames[0])).toBe(idOf(page.frames[4]))
})

test('a flood of ticks becomes one at once and one after a second; other messages never wait', () => {
  vi.useFakeTimers()
  const feed = newFeed({ tickEveryMs: 1_000 })
  const page = listen(feed)
  for (const timeMs of [1, 2, 3]) feed.publish(tick(timeMs))
  feed.publish({
    kind: 'event',
    event: { eventId: 'e', timeMs: 3, kind: 'deploy', model: '', title: '', detail: '' },
  })
  expect(page.messages()).toEqual([tick(1), expect.objectContaining({ kind: 'event' })])
  vi.advanceTimersByTime(1_000)
  expect(page.messages().slice(2)).toEqual([tick(3)])
  vi.advanceTimersByTime(10_000)
  expect(page.frames).toHaveLength(3)
})

test('a comment every 15 s keeps the connection alive', () => {
  vi.useFakeTimers()
  const page = listen(newFeed())
  vi.advanceTimersByTime(45_000)
  expect(page.frames).toEqual(Array(3).fill(': still here\n\n'))
})

test('closing ends every subscription', () => {
  const feed = newFeed()
  const page = listen(feed)
  feed.close()
  expect([page.ended(), feed.subscribers]).toEqual([true, 0])
})

test('a reader that stopped reading is cut off instead of filling the memory', async () => {
  const feed = newFeed()
  const reader = streamOf(feed, null).getReader()
  const detail = 'x'.repeat(64 * 1_024)
  for (let sent = 0; sent < 8; sent += 1) {
    feed.publish({
      kind: 'event',
      event: { eventId: 'e', timeMs: 1, kind: 'deploy', model: '', title: '', detail },
    })
  }
  expect(feed.subscribers).toBe(0)
  let bytes = 0
  for (let part = await reader.read(); !part.done; part = await reader.read())
    bytes += part.value.length
  expect(bytes).toBeLessThan(5 * 64 * 1_024)
})

test('a page that closes its stream leaves the feed', async () => {
  const feed = newFeed()
  const stream = streamOf(feed, null)
  expect(feed.subscribers).toBe(1)
  await stream.cancel()
  expect(feed.subscribers).toBe(0)
  feed.publish(tick(1))
})
