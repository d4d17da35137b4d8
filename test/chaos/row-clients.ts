// Clients that post rows of each kind, and one that writes samples as Prometheus does.
import { encodeV1, snappy } from '../../src/sources/remote-write/test-messages.ts'
import { post, type Batch, type MakeBatch } from './client.ts'

const startedMs = Date.now() - 6 * 3_600_000
const monthsBackMs = 40 * 86_400_000

/**
 * Epoch milliseconds of a record. Each batch has its own; of every fourth batch every second record lies in another
 * month, and so in another partition.
 */
export function momentOf(n: number, row: number): number {
  const isLate = n % 4 === 3 && row % 2 === 1
  return startedMs + n * 20 - (isLate ? monthsBackMs : 0)
}

interface RowsClient {
  readonly kind: Batch['kind']
  readonly path: string
  readonly rowOf: (n: number, row: number) => { readonly key: string; readonly body: object }
}

/** A client that posts rows as JSON. */
export function rowsClient({ kind, path, rowOf }: RowsClient, batchSize: number): MakeBatch {
  return (n) => {
    const rows = Array.from({ length: batchSize }, (_, row) => rowOf(n, row))
    const body = JSON.stringify(rows.map((row) => row.body))
    return {
      kind,
      keys: rows.map(({ key }) => key),
      send: async (url) => await post(url + path, body, { 'content-type': 'application/json' }),
    }
  }
}

/** A call as a row; also what an imported file holds. */
export function callRow(callId: string, n: number, row: number): object {
  return {
    callId,
    startedAt: momentOf(n, row),
    model: `posted-${row % 3}`,
    totalSeconds: 1 + (row % 7),
    ttftSeconds: row % 5 === 0 ? null : 0.25,
    promptTokens: row % 5 === 0 ? null : n,
    completionTokens: row,
    prompt: `What is ${n} times ${row}?`,
    answer: String(n * row),
  }
}

export const callsByRow: RowsClient = {
  kind: 'calls',
  path: '/api/v1/calls',
  rowOf: (n, row) => ({ key: `call-${n}-${row}`, body: callRow(`call-${n}-${row}`, n, row) }),
}

export const scoresByRow: RowsClient = {
  kind: 'scores',
  path: '/api/v1/scores',
  rowOf: (n, row) => ({
    key: `scored-${n}-${row} panel`,
    body: {
      callId: `scored-${n}-${row}`,
      model: `posted-${row % 3}`,
      callStartedAt: momentOf(n, row),
      scoredAt: momentOf(n, row) + 500,
      evaluator: 'panel',
      dimension: 'accuracy',
      value: (row % 5) / 4,
    },
  }),
}

export const labelsByRow: RowsClient = {
  kind: 'labels',
  path: '/api/v1/import/labels',
  rowOf: (n, row) => ({
    key: `labelled-${n}-${row} ada`,
    body: {
      callId: `labelled-${n}-${row}`,
      model: 'posted-0',
      reviewer: 'ada',
      question: 'correct',
      labelledAt: momentOf(n, row),
      value: row % 2,
    },
  }),
}

export const eventsByRow: RowsClient = {
  kind: 'events',
  path: '/api/v1/import/events',
  rowOf: (n, row) => ({
    key: `event-${n}-${row}`,
    body: {
      eventId: `event-${n}-${row}`,
      time: momentOf(n, row),
      kind: 'deploy',
      title: `Build ${n}`,
    },
  }),
}

/** Remote write 1.0: one sample each of many series. */
export function remoteWriteClient(seriesCount: number): MakeBatch {
  return (n) => {
    const timeMs = momentOf(n, 0)
    const names = Array.from({ length: seriesCount }, (_, index) => `write-${index}`)
    const body = snappy(
      encodeV1(
        names.map((chaos) => ({
          labels: { __name__: 'chaos', chaos, instance: 'shop:80', job: 'shops' },
          samples: [[n, timeMs]],
        })),
      ),
    )
    return {
      kind: 'samples',
      keys: names.map((chaos) => `${chaos} ${timeMs} ${n}`),
      send: async (url) => await post(`${url}/api/v1/write`, new Uint8Array(body), writeHeaders),
    }
  }
}

const writeHeaders = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
}
