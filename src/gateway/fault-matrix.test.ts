// Each row: what the server does, what the client must see, what must be recorded. Besides, of every row: exactly one
// record, no slot held afterwards, and a connection that is not left open upstream.
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Call } from '../records/call.ts'
import type { Behaviour, Rig } from './gateway-fixture.ts'
import {
  ask,
  chatAnswer,
  chunk,
  delta,
  done,
  end,
  good,
  head,
  sse,
  startRig,
  until,
  usage,
  usageEvent,
  whole,
} from './gateway-fixture.ts'

interface Row {
  readonly name: string
  readonly does: Behaviour
  readonly streaming?: boolean
  /** Timeouts of this row's component; the rest are long, for slow machines. */
  readonly timeouts?: object
  readonly sees: {
    readonly status: number
    readonly isComplete?: boolean
    readonly body?: string
    readonly without?: string
  }
  readonly records: Partial<Call>
}

const type = 'text/event-stream'
const text = delta('') + delta('hel') + delta('lo')
const finish = delta('', 'stop')

/** Sends parts with a pause between, so that they arrive as chunks of their own. */
function drip(
  socket: Socket,
  parts: readonly (string | Buffer)[],
  pauseMs: number,
  then: () => void,
): void {
  const [first, ...rest] = parts
  if (first === undefined) return then()
  chunk(socket, first)
  setTimeout(() => drip(socket, rest, pauseMs, then), pauseMs)
}

const withUsage = (content: string, tokens: number, reason: string | null) =>
  sse({
    choices: [{ index: 0, delta: { content }, finish_reason: reason }],
    usage: { prompt_tokens: 11, completion_tokens: tokens },
  })

const success = {
  outcome: 'success',
  status: 200,
  errorType: '',
  answer: 'hello',
  usageSource: 'upstream',
  promptTokens: 11,
  completionTokens: 2,
} as const

const streams: readonly Row[] = [
  {
    name: 'good stream',
    does: good,
    sees: { status: 200, body: done, without: 'usage' },
    records: success,
  },
  {
    name: 'events over CRLF',
    does: (socket) => {
      head(socket, type)
      chunk(socket, (text + finish + usageEvent + done).replaceAll('\n', '\r\n'))
      end(socket)
    },
    sees: { status: 200, body: '[DONE]', without: 'usage' },
    records: success,
  },
  {
    name: 'one byte at a time, characters split',
    does: (socket) => {
      head(socket, type)
      for (const byte of Buffer.from(delta('Zürich 🚀') + finish + usageEvent + done))
        chunk(socket, Buffer.from([byte]))
      end(socket)
    },
    sees: { status: 200, body: 'Zürich 🚀', without: 'usage' },
    records: { ...success, answer: 'Zürich 🚀' },
  },
  {
    name: 'usage event split over chunks',
    does: (socket) => {
      head(socket, type)
      drip(socket, [text + finish + usageEvent.slice(0, 30), usageEvent.slice(30) + done], 20, () =>
        end(socket),
      )
    },
    sees: { status: 200, body: done, without: 'usage' },
    records: success,
  },
  {
    name: 'usage in the finishing event',
    does: (socket) => {
      head(socket, type)
      chunk(
        socket,
        text + sse({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage }) + done,
      )
      end(socket)
    },
    sees: { status: 200, body: 'usage' },
    records: success,
  },
  {
    name: 'usage on every event',
    does: (socket) => {
      head(socket, type)
      chunk(socket, withUsage('hel', 1, null) + withUsage('lo', 2, 'stop') + done)
      end(socket)
    },
    sees: { status: 200, body: done },
    records: success,
  },
  {
    name: 'no usage',
    does: (socket) => {
      head(socket, type)
      chunk(socket, text + finish + done)
      end(socket)
    },
    sees: { status: 200, body: done },
    records: { ...success, usageSource: 'counted', promptTokens: 1, completionTokens: 1 },
  },
  {
    name: 'comments between events',
    does: (socket) => {
      head(socket, type)
      chunk(socket, `: ping\n\n${text}: ping\n\n${finish}${usageEvent}${done}`)
      end(socket)
    },
    sees: { status: 200, body: ': ping' },
    records: success,
  },
  {
    name: 'finished, clean end, no end marker',
    does: (socket) => {
      head(socket, type)
      chunk(socket, text + finish + usageEvent)
      end(socket)
    },
    sees: { status: 200, isComplete: true, without: 'error' },
    records: success,
  },
  {
    name: 'clean end without any marker',
    does: (socket) => {
      head(socket, type)
      chunk(socket, text)
      end(socket)
    },
    sees: { status: 200, isComplete: false, body: 'upstream_truncated', without: '[DONE]' },
    records: { outcome: 'truncated', status: 200, answer: 'hello', usageSource: 'counted' },
  },
  {
    name: 'reset in the middle',
    does: (socket) => {
      head(socket, type)
      chunk(socket, text)
      setTimeout(() => socket.resetAndDestroy(), 30)
    },
    sees: { status: 200, isComplete: false, body: 'upstream_truncated', without: '[DONE]' },
    records: { outcome: 'truncated', errorType: 'upstream_truncated', usageSource: 'counted' },
  },
  {
    name: 'reset in the middle of an event',
    does: (socket) => {
      head(socket, type)
      chunk(socket, `${text}data: {"choices":[{"ind`)
      setTimeout(() => socket.resetAndDestroy(), 30)
    },
    sees: { status: 200, isComplete: false, body: 'upstream_truncated', without: '"ind\n' },
    records: { outcome: 'truncated' },
  },
  {
    name: 'reset after the end marker',
    does: (socket) => {
      head(socket, type)
      chunk(socket, text + finish + usageEvent + done)
      setTimeout(() => socket.resetAndDestroy(), 30)
    },
    sees: { status: 200, isComplete: true, body: done },
    records: success,
  },
  {
    name: 'end marker, then the server keeps the stream open',
    timeouts: { idleTimeout: '300ms' },
    does: (socket) => {
      head(socket, type)
      chunk(socket, text + finish + usageEvent + done)
    },
    sees: { status: 200, isComplete: true, body: done },
    records: success,
  },
  {
    name: 'bytes after the end marker',
    does: (socket) => {
      head(socket, type)
      chunk(socket, `${text}${finish}${usageEvent}${done}trailing`)
      end(socket)
    },
    sees: { status: 200, isComplete: true, body: `${done}trailing` },
    records: success,
  },
  {
    name: 'error event, then end marker',
    does: (socket) => {
      head(socket, type)
      chunk(
        socket,
        text + sse({ error: { message: 'out of memory', type: 'server_error' } }) + done,
      )
      end(socket)
    },
    sees: { status: 200, isComplete: true, body: 'out of memory' },
    records: {
      outcome: 'upstream_error',
      errorType: 'upstream_stream_error',
      errorMessage: 'out of memory',
    },
  },
  {
    name: 'nothing but an error event',
    does: (socket) => {
      head(socket, type)
      chunk(socket, sse({ error: { message: 'boom' } }))
      end(socket)
    },
    sees: { status: 200, body: 'boom' },
    records: { outcome: 'upstream_error', ttftSeconds: null },
  },
  {
    name: 'one malformed event',
    does: (socket) => {
      head(socket, type)
      chunk(socket, `${text}data: {oops\n\n${finish}${usageEvent}${done}`)
      end(socket)
    },
    sees: { status: 200, isComplete: true, body: 'data: {oops' },
    records: { outcome: 'upstream_error', errorType: 'malformed_stream' },
  },
  {
    name: 'garbage as a stream',
    does: (socket) => {
      head(socket, type)
      chunk(socket, 'data: \u0000\u0001<html>\n\n%%%%\n\n')
      end(socket)
    },
    sees: { status: 200, isComplete: false, body: '<html>' },
    records: { outcome: 'truncated' },
  },
  {
    name: 'end marker only',
    does: (socket) => {
      head(socket, type)
      chunk(socket, done)
      end(socket)
    },
    sees: { status: 200, body: done },
    records: { outcome: 'upstream_error', errorType: 'empty_stream' },
  },
  {
    name: 'empty stream',
    does: (socket) => {
      head(socket, type)
      end(socket)
    },
    sees: { status: 502, body: 'upstream_truncated' },
    records: { outcome: 'truncated', status: 502 },
  },
  {
    name: 'a single event of a megabyte',
    does: (socket) => {
      head(socket, type)
      chunk(socket, delta('x'.repeat(2 ** 20)) + finish + usageEvent + done)
      end(socket)
    },
    sees: { status: 200, isComplete: true, body: done },
    records: { ...success, answer: '' },
  },
  {
    name: 'head, then silence',
    timeouts: { firstTokenTimeout: '300ms' },
    does: (socket) => head(socket, type),
    sees: { status: 504, body: 'first_token_timeout' },
    records: { outcome: 'timeout', status: 504, errorType: 'first_token_timeout' },
  },
  {
    name: 'stall in the middle',
    timeouts: { idleTimeout: '300ms' },
    does: (socket) => {
      head(socket, type)
      chunk(socket, text)
    },
    sees: { status: 200, isComplete: false, body: 'idle_timeout', without: '[DONE]' },
    records: { outcome: 'timeout', status: 200, errorType: 'idle_timeout' },
  },
  {
    name: 'drips past the total time',
    timeouts: { totalTimeout: '700ms' },
    does: (socket) => {
      head(socket, type)
      const timer = setInterval(() => chunk(socket, delta('x')), 100)
      socket.on('close', () => clearInterval(timer))
    },
    sees: { status: 200, isComplete: false, body: 'total_timeout' },
    records: { outcome: 'timeout', errorType: 'total_timeout' },
  },
  {
    name: 'compressed stream',
    does: (socket) => {
      head(socket, type, 'content-encoding: gzip')
      chunk(socket, gzipSync(text + done))
      end(socket)
    },
    sees: { status: 502, body: 'upstream_encoded' },
    records: { outcome: 'upstream_error', errorType: 'upstream_encoded' },
  },
  {
    name: 'no content type',
    does: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
      chunk(socket, text + finish + usageEvent + done)
      end(socket)
    },
    sees: { status: 200, body: done, without: 'usage' },
    records: success,
  },
  {
    name: 'answers a stream by a whole answer',
    does: (socket) => whole(socket, '200 OK', chatAnswer),
    sees: { status: 200, body: 'hello' },
    records: { ...success, streaming: true, ttftSeconds: null },
  },
  {
    name: 'HTTP/1.0, ended by closing',
    does: (socket) => {
      socket.write(`HTTP/1.0 200 OK\r\ncontent-type: ${type}\r\n\r\n`)
      socket.end(text + finish + usageEvent + done)
    },
    sees: { status: 200, isComplete: true, body: done, without: 'usage' },
    records: success,
  },
  {
    name: 'HTTP/1.0, cut',
    does: (socket) => {
      socket.write(`HTTP/1.0 200 OK\r\ncontent-type: ${type}\r\n\r\n`)
      socket.end(text)
    },
    sees: { status: 200, isComplete: false, body: 'upstream_truncated' },
    records: { outcome: 'truncated' },
  },
]

const wholes: readonly Row[] = [
  {
    name: 'good answer',
    streaming: false,
    does: good,
    sees: { status: 200, isComplete: true, body: 'hello' },
    records: { ...success, streaming: false, finishReason: 'stop' },
  },
  {
    name: 'reset before the head',
    streaming: false,
    does: (socket) => socket.resetAndDestroy(),
    sees: { status: 502, body: 'upstream_reset' },
    records: { outcome: 'upstream_error', status: 502, errorType: 'upstream_reset' },
  },
  {
    name: 'closed before the head',
    streaming: false,
    does: (socket) => socket.end(),
    sees: { status: 502, body: 'upstream_reset' },
    records: { outcome: 'upstream_error' },
  },
  {
    name: 'not HTTP',
    streaming: false,
    does: (socket) => socket.write('SSH-2.0-OpenSSH\r\n\r\n'),
    sees: { status: 502, body: 'upstream_reset' },
    records: { outcome: 'upstream_error' },
  },
  {
    name: 'silence until the total time',
    timeouts: { totalTimeout: '500ms' },
    streaming: false,
    does: () => {},
    sees: { status: 504, body: 'total_timeout' },
    records: { outcome: 'timeout', status: 504 },
  },
  {
    name: 'cut before its length',
    streaming: false,
    does: (socket) => {
      socket.write(
        'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{"choices"',
      )
      setTimeout(() => socket.destroy(), 30)
    },
    sees: { status: 200, isComplete: false },
    records: { outcome: 'truncated', status: 200 },
  },
  {
    name: 'cut, ended by closing',
    streaming: false,
    does: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n')
      socket.end(chatAnswer.slice(0, -20))
    },
    sees: { status: 200, isComplete: false },
    records: { outcome: 'truncated' },
  },
  {
    name: 'status 500',
    streaming: false,
    does: (socket) =>
      whole(
        socket,
        '500 Internal Server Error',
        '{"error":{"message":"cuda error","type":"InternalServerError","code":500}}',
      ),
    sees: { status: 500, body: 'cuda error' },
    records: {
      outcome: 'upstream_error',
      status: 500,
      errorType: 'upstream_500',
      errorMessage: 'cuda error',
      usageSource: 'none',
      completionTokens: null,
    },
  },
  {
    name: 'status 400',
    streaming: false,
    does: (socket) => whole(socket, '400 Bad Request', '{"error":{"message":"context too long"}}'),
    sees: { status: 400, body: 'context too long' },
    records: { outcome: 'invalid_request', status: 400, errorType: 'upstream_400' },
  },
  {
    name: 'status 429 with a time',
    streaming: false,
    does: (socket) =>
      whole(socket, '429 Too Many Requests', '{"error":{"message":"busy"}}', 'retry-after: 7'),
    sees: { status: 429, body: 'busy' },
    records: { outcome: 'upstream_error', status: 429 },
  },
  {
    name: 'status 503 to a stream',
    does: (socket) => whole(socket, '503 Service Unavailable', 'overloaded'),
    sees: { status: 503, body: 'overloaded' },
    records: { outcome: 'upstream_error', status: 503, usageSource: 'none' },
  },
  {
    name: 'status 204',
    streaming: false,
    does: (socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'),
    sees: { status: 204, isComplete: true, body: '' },
    records: { outcome: 'upstream_error', errorType: 'no_answer' },
  },
  {
    name: 'status 304',
    streaming: false,
    does: (socket) => socket.write('HTTP/1.1 304 Not Modified\r\n\r\n'),
    sees: { status: 304 },
    records: { outcome: 'upstream_error' },
  },
  {
    name: 'JSON null',
    streaming: false,
    does: (socket) => whole(socket, '200 OK', 'null'),
    sees: { status: 200, body: 'null' },
    records: { outcome: 'upstream_error', errorType: 'malformed_answer' },
  },
  {
    name: 'a page of HTML',
    streaming: false,
    does: (socket) => whole(socket, '200 OK', '<html>hi</html>'),
    sees: { status: 200, body: '<html>' },
    records: { outcome: 'upstream_error', errorType: 'malformed_answer' },
  },
  {
    name: 'an error in an answer of status 200',
    streaming: false,
    does: (socket) => whole(socket, '200 OK', '{"error":{"message":"boom"}}'),
    sees: { status: 200, body: 'boom' },
    records: { outcome: 'upstream_error', errorMessage: 'boom' },
  },
  {
    name: 'compressed answer',
    streaming: false,
    does: (socket) => {
      const zipped = gzipSync(chatAnswer)
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: ${zipped.length}\r\n\r\n`,
      )
      socket.write(zipped)
    },
    sees: { status: 200, isComplete: true },
    records: success,
  },
  {
    name: 'a head of 100 KiB',
    streaming: false,
    does: (socket) => whole(socket, '200 OK', chatAnswer, `x-large: ${'x'.repeat(100_000)}`),
    sees: { status: 502 },
    records: { outcome: 'upstream_error', status: 502 },
  },
  {
    name: 'early hints first',
    streaming: false,
    does: (socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n')
      whole(socket, '200 OK', chatAnswer)
    },
    sees: { status: 200, body: 'hello' },
    records: success,
  },
]

const rows = [...streams, ...wholes]

let rig: Rig

const modelOf = (row: Row) => row.name.replaceAll(/\W/g, '-')

beforeAll(async () => {
  rig = await startRig(Object.fromEntries(rows.map((row) => [modelOf(row), row.does])), {
    components: Object.fromEntries(rows.map((row) => [modelOf(row), row.timeouts ?? {}])),
    gateway: { capture: 'all' },
  })
})

afterAll(() => rig.close())

describe.concurrent('fault matrix', () => {
  test.for(rows)('$name', async (row) => {
    const { streaming = true, sees, records } = row
    const model = modelOf(row)
    const answer = await ask(rig.url, {
      body: { model, stream: streaming, messages: [{ role: 'user', content: 'hi' }] },
    })
    expect(answer.status).toBe(sees.status)
    if (sees.isComplete !== undefined) expect(answer.isComplete).toBe(sees.isComplete)
    if (sees.body !== undefined) expect(answer.body).toContain(sees.body)
    if (sees.without !== undefined) expect(answer.body).not.toContain(sees.without)
    const mine = () => rig.calls.filter((call) => call.model === model)
    await until(() => mine().length > 0 && rig.gateway.state().components[model]?.leases === 0)
    expect(mine()).toHaveLength(1)
    expect(mine()[0]).toMatchObject({ callId: answer.headers['x-equipoise-call-id'], ...records })
    if (!['timeout', 'truncated'].includes(records.outcome ?? '')) return
    // What is not answered whole must not run on upstream.
    const seen = rig.server.seen.filter((one) => one.body.includes(`"${model}"`))
    await until(() => seen.every((one) => one.isClosed))
  })
})
