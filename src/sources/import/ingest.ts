// Takes rows of each kind: judges every row by itself, redacts, and keeps the good ones once.
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type { RecordKind, RecordKinds } from '../../records/record-kind.ts'
import { uuidOf } from '../../records/record-id.ts'
import { callKey, eventKey, labelKey, scoreKey } from '../../records/record-key.ts'
import type { AcceptOnce } from '../../spool/accept-once.ts'
import { countAtDoor } from '../../telemetry/doors.ts'
import { callOfRow, callRow } from './call-row.ts'
import { eventOfRow, eventRow, labelOfRow, labelRow } from './label-row.ts'
import type { RowContext } from './row-context.ts'
import { readRows, type RejectedRow } from './rows.ts'
import { needsCall, scoreOfRow, scoreRow, type ScoredCall } from './score-row.ts'

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
  readonly once: AcceptOnce
  /** Calls that the store holds, by id. */
  readonly callsById: (callIds: readonly string[]) => Promise<ReadonlyMap<string, ScoredCall>>
}

export type Ingest = Readonly<
  Record<ImportKind, (rows: readonly unknown[], context: RowContext) => Promise<IngestAnswer>>
>

/** Resolves when the good rows are durable; rejects with a `RetryableError` when the disk refuses them. */
export function createIngest({ once, callsById }: IngestOptions): Ingest {
  const keepers = {
    calls: createKeeper('calls', once, callKey),
    scores: createKeeper('scores', once, scoreKey),
    labels: createKeeper('labels', once, labelKey),
    events: createKeeper('events', once, eventKey),
  }
  return {
    calls: async (rows, context) =>
      await keepers.calls(
        read(rows, callRow, (row, index) =>
          callOfRow({ ...row, callId: row.callId ?? rowId(rows, index) }, context),
        ),
      ),
    labels: async (rows, context) =>
      await keepers.labels(read(rows, labelRow, (row) => labelOfRow(row, context))),
    events: async (rows, context) =>
      await keepers.events(
        read(rows, eventRow, (row, index) =>
          eventOfRow({ ...row, eventId: row.eventId ?? rowId(rows, index) }, context),
        ),
      ),
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
      return await keepers.scores({ received: rows.length, records, rejected })
    },
  }
}

/** The id of a row that brings none: the same when the same body is sent again. */
function rowId(rows: readonly unknown[], index: number): string {
  return uuidOf(`${bodyOf(rows)} ${index}`)
}

const bodies = new WeakMap<readonly unknown[], string>()

function bodyOf(rows: readonly unknown[]): string {
  const known = bodies.get(rows)
  if (known !== undefined) return known
  const body = createHash('sha256').update(JSON.stringify(rows)).digest('base64')
  bodies.set(rows, body)
  return body
}

const unknownCall =
  'a call that is stored already (it is a few seconds after it ends), or a row with model and callStartedAt'

interface Read<Item> {
  readonly received: number
  readonly records: readonly Item[]
  readonly rejected: RejectedRow[]
}

function read<Schema extends z.ZodType, Item>(
  rows: readonly unknown[],
  schema: Schema,
  recordOf: (row: z.output<Schema>, index: number) => Item,
): Read<Item> {
  const { good, rejected } = readRows(rows, schema)
  const records = good.map(({ row, index }) => recordOf(row, index))
  return { received: rows.length, records, rejected }
}

function createKeeper<Kind extends RecordKind>(
  kind: Kind,
  once: AcceptOnce,
  keyOf: (record: RecordKinds[Kind]) => string,
): (read: Read<RecordKinds[Kind]>) => Promise<IngestAnswer> {
  return async ({ received, records, rejected }) => {
    const accepted = await once.records(kind, records, keyOf)
    const duplicates = records.length - accepted
    const counts = { received, accepted, duplicate: duplicates }
    countAtDoor('rows', kind, { ...counts, rejected: { bad_row: rejected.length } }, Date.now())
    return {
      accepted,
      duplicates,
      rejected: rejected.toSorted((a, b) => a.index - b.index),
    }
  }
}
