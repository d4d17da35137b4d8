// Takes rows of each kind: judges every row by itself, redacts, and keeps the good ones once.
import { Counter } from 'prom-client'
import type { z } from 'zod'
import type { Accept, RecordKind, RecordKinds } from '../../records/record-kind.ts'
import { registry } from '../../telemetry/metrics.ts'
import { callOfRow, callRow } from './call-row.ts'
import { eventOfRow, eventRow, labelOfRow, labelRow } from './label-row.ts'
import { createAcceptOnce, type AcceptOnce } from '../otlp/accept-once.ts'
import type { RowContext } from './row-context.ts'
import { readRows, type RejectedRow } from './rows.ts'
import { needsCall, scoreOfRow, scoreRow, type ScoredCall } from './score-row.ts'

const rowsTotal = new Counter({
  name: 'equipoise_ingest_rows_total',
  help: 'Rows that clients and files brought, by kind and by what became of them.',
  labelNames: ['kind', 'result'],
  registers: [registry],
})

/** Kinds of record that files and clients may bring. */
export const importKinds = ['calls', 'scores', 'labels', 'events'] as const

export type ImportKind = (typeof importKinds)[number]

/** What became of the rows of a body; the counts add up to the rows. */
export interface IngestAnswer {
  /** Durable now. */
  readonly accepted: number
  /** Durable since an earlier request with the same ids. */
  readonly duplicates: number
  readonly rejected: readonly RejectedRow[]
}

export interface IngestOptions {
  readonly accept: Accept
  /** Calls that the store holds, by id. */
  readonly callsById: (callIds: readonly string[]) => Promise<ReadonlyMap<string, ScoredCall>>
}

export type Ingest = Readonly<
  Record<ImportKind, (rows: readonly unknown[], context: RowContext) => Promise<IngestAnswer>>
>

/** Resolves when the good rows are durable; rejects with a `RetryableError` when the disk refuses them. */
export function createIngest({ accept, callsById }: IngestOptions): Ingest {
  const keepers = {
    calls: createKeeper('calls', accept, (call) => call.callId),
    scores: createKeeper('scores', accept, (score) =>
      JSON.stringify([score.callId, score.evaluator, score.evaluatorVersion, score.dimension]),
    ),
    // A later verdict of the same person replaces the earlier; the same one again is the same.
    labels: createKeeper('labels', accept, (label) => JSON.stringify(label)),
    events: createKeeper('events', accept, (event) => event.eventId),
  }
  return {
    calls: async (rows, context) =>
      await keepers.calls(read(rows, callRow, (row) => callOfRow(row, context))),
    labels: async (rows, context) =>
      await keepers.labels(read(rows, labelRow, (row) => labelOfRow(row, context))),
    events: async (rows, context) =>
      await keepers.events(read(rows, eventRow, (row) => eventOfRow(row, context))),
    async scores(rows, context) {
      const { good, rejected } = readRows(rows, scoreRow)
      const wanted = good.flatMap(({ row }) => (needsCall(row) ? [row.callId] : []))
      const calls = await callsById([...new Set(wanted)])
      const records = good.flatMap(({ index, row }) => {
        const score = scoreOfRow(row, calls.get(row.callId), context)
        if (score !== null) return [score]
        rejected.push({ index, field: 'callId', expected: unknownCall })
        return []
      })
      return await keepers.scores({ records, rejected })
    },
  }
}

const unknownCall =
  'a call that is stored already (it is a few seconds after it ends), or a row with model and callStartedAt'

interface Read<Item> {
  readonly records: readonly Item[]
  readonly rejected: RejectedRow[]
}

function read<Schema extends z.ZodType, Item>(
  rows: readonly unknown[],
  schema: Schema,
  recordOf: (row: z.output<Schema>) => Item,
): Read<Item> {
  const { good, rejected } = readRows(rows, schema)
  return { records: good.map(({ row }) => recordOf(row)), rejected }
}

const mostRememberedIds = 200_000

function createKeeper<Kind extends RecordKind>(
  kind: Kind,
  accept: Accept,
  idOf: (record: RecordKinds[Kind]) => string,
): (read: Read<RecordKinds[Kind]>) => Promise<IngestAnswer> {
  const once: AcceptOnce = createAcceptOnce(mostRememberedIds)
  return async ({ records, rejected }) => {
    const accepted = await once.run(records, idOf, (fresh) => accept(kind, fresh))
    const duplicates = records.length - accepted
    rowsTotal.inc({ kind, result: 'accepted' }, accepted)
    rowsTotal.inc({ kind, result: 'duplicate' }, duplicates)
    rowsTotal.inc({ kind, result: 'rejected' }, rejected.length)
    return {
      accepted,
      duplicates,
      rejected: rejected.toSorted((a, b) => a.index - b.index),
    }
  }
}
