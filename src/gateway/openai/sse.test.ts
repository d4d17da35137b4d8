import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSseSplitter, eventData, maxEventBytes } from './sse.ts'

/** Feeds chunks; returns what was seen and what was forwarded. */
function run(chunks: readonly Buffer[], hide: (data: string | null) => boolean = () => false) {
  const seen: (string | null)[] = []
  const splitter = createSseSplitter((event) => {
    const data = event === null ? 'OVERSIZED' : eventData(event)
    if (data !== null) seen.push(data)
    return event === null || !hide(data)
  })
  const forwarded = Buffer.concat([
    ...chunks.map((chunk) => splitter.push(chunk)),
    splitter.flush(),
  ])
  return { seen, forwarded: forwarded.toString() }
}

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((at) => at % (bytes.length + 1)))].toSorted((a, b) => a - b)
  return [0, ...places].map((start, index) => bytes.subarray(start, places[index] ?? bytes.length))
}

const streamOf = (events: readonly string[]) => events.map((event) => `data: ${event}\n\n`).join('')

const lineEnd = fc.constantFrom('\n', '\r\n')
const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, '·'))
const stream = fc
  .record({
    end: lineEnd,
    events: fc.array(fc.record({ data: line, comment: fc.boolean(), space: fc.boolean() })),
  })
  .map(({ end, events }) => ({
    events: events.map((event) => event.data),
    bytes: Buffer.from(
      events
        .map(({ data, comment, space }) => {
          const value = space || data.startsWith(' ') ? ` ${data}` : data
          return `${comment ? `: keep-alive${end}` : ''}data:${value}${end}${end}`
        })
        .join(''),
    ),
  }))

describe('createSseSplitter', () => {
  test('sees the same events and forwards the same bytes however chunks are cut', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat()), ({ bytes, events }, cuts) => {
        expect(run(cut(bytes, cuts))).toEqual({ seen: events, forwarded: bytes.toString() })
      }),
    )
  })

  test('one byte at a time', () => {
    fc.assert(
      fc.property(stream, ({ bytes, events }) => {
        const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
        expect(run(single)).toEqual({ seen: events, forwarded: bytes.toString() })
      }),
    )
  })

  test('hides exactly the events that it is told to, however chunks are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'HIDE', 'b')),
        fc.array(fc.nat()),
        (events, cuts) => {
          const { forwarded } = run(
            cut(Buffer.from(streamOf(events)), cuts),
            (event) => event === 'HIDE',
          )
          expect(forwarded).toBe(streamOf(events.filter((event) => event !== 'HIDE')))
        },
      ),
    )
  })

  test('never loses or invents a byte of any input', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array().map((bytes) => Buffer.from(bytes))), (chunks) => {
        const splitter = createSseSplitter(() => true)
        const forwarded = [...chunks.map((chunk) => splitter.push(chunk)), splitter.flush()]
        expect(Buffer.concat(forwarded).equals(Buffer.concat(chunks))).toBe(true)
      }),
    )
  })

  test('lone carriage returns end lines', () => {
    expect(run([Buffer.from('data: a\r\rdata: b\r'), Buffer.from('\r')]).seen).toEqual(['a', 'b'])
  })

  test('an oversized event is forwarded at once and the next is read again', () => {
    const large = `data: ${'x'.repeat(maxEventBytes + 10)}`
    const chunks = [Buffer.from(large), Buffer.from('tail\n\n'), Buffer.from('data: next\n\n')]
    expect(run(chunks)).toEqual({
      seen: ['OVERSIZED', 'next'],
      forwarded: `${large}tail\n\ndata: next\n\n`,
    })
  })

  test('holds back a partial event', () => {
    const splitter = createSseSplitter(() => true)
    expect(splitter.push(Buffer.from('data: a\n\ndata: b')).toString()).toBe('data: a\n\n')
    expect(splitter.push(Buffer.from('\n\n')).toString()).toBe('data: b\n\n')
  })
})

test.each([
  ['data: x\n\n', 'x'],
  ['data:x\r\n\r\n', 'x'],
  ['data:  x\n\n', ' x'],
  ['event: e\nid: 1\ndata: x\ndata: y\n\n', 'x\ny'],
  ['data\n\n', ''],
  [': comment\n\n', null],
  ['\n', null],
  ['datax: 1\n\n', null],
])('eventData(%j) is %j', (event, expected) => {
  expect(eventData(Buffer.from(event))).toBe(expected)
})
