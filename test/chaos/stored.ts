// What the store holds, read through the program's own doors and held against what clients were told.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { eventually } from '../running-program.ts'
import { recordKinds, type Ledger, type RecordKind } from './ledger.ts'

/** What of one kind is not as it was acknowledged; the lists show a few examples. */
export interface Difference {
  readonly acknowledged: number
  readonly lost: number
  /** Records that are there more than once: of batches that were sent once, and of those that were sent again. */
  readonly doubledOfFirst: number
  readonly doubledOfRepeated: number
  readonly examples: readonly string[]
}

/** The same for each kind when nothing is lost or doubled. */
export function flawless(ledger: Ledger): Readonly<Record<string, Difference>> {
  return Object.fromEntries(
    recordKinds.map((kind) => [
      kind,
      {
        acknowledged: ledger.keysOf(kind).size,
        lost: 0,
        doubledOfFirst: 0,
        doubledOfRepeated: 0,
        examples: [],
      },
    ]),
  )
}

/** Compares the store with the ledger, kind by kind. */
export async function differences(
  url: string,
  ledger: Ledger,
): Promise<Readonly<Record<string, Difference>>> {
  const found: Record<string, Difference> = {}
  for (const kind of recordKinds) found[kind] = await differenceOf(url, ledger, kind)
  return found
}

async function differenceOf(url: string, ledger: Ledger, kind: RecordKind): Promise<Difference> {
  const counts = await storedKeys(url, kind)
  const acknowledged = [...ledger.keysOf(kind)]
  const lost = acknowledged.filter(([key]) => !counts.has(key))
  const doubled = acknowledged.filter(([key]) => (counts.get(key) ?? 0) > 1)
  const shown = (list: typeof lost, what: string) =>
    list.slice(0, 3).map(([key, { client, tries }]) => `${what}: ${key} of ${client}, try ${tries}`)
  return {
    acknowledged: acknowledged.length,
    lost: lost.length,
    doubledOfFirst: doubled.filter(([, { tries }]) => tries === 1).length,
    doubledOfRepeated: doubled.filter(([, { tries }]) => tries > 1).length,
    examples: [...shown(lost, 'lost'), ...shown(doubled, 'doubled')],
  }
}

const text = z.string()
const keySchemas: Readonly<Record<RecordKind, z.ZodType<string>>> = {
  calls: z.object({ callId: text }).transform(({ callId }) => callId),
  scores: z
    .object({ callId: text, evaluator: text })
    .transform(({ callId, evaluator }) => `${callId} ${evaluator}`),
  labels: z
    .object({ callId: text, reviewer: text })
    .transform(({ callId, reviewer }) => `${callId} ${reviewer}`),
  events: z.object({ eventId: text }).transform(({ eventId }) => eventId),
  samples: z
    .object({ dimensions: z.record(text, text), time: text, value: z.number().nullable() })
    .transform(({ dimensions, time, value }) =>
      [dimensions['chaos'] ?? 'of the hub itself', Date.parse(time), value].join(' '),
    ),
}

/** How often each key is in the store. */
async function storedKeys(url: string, kind: RecordKind): Promise<ReadonlyMap<string, number>> {
  const answer = await fetch(`${url}/api/v1/export`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ table: kind }),
  })
  const lines = await answer.text()
  if (!answer.ok) throw new Error(`the export of ${kind} answered ${answer.status}: ${lines}`)
  const counts = new Map<string, number>()
  for (const line of lines.split('\n').filter(Boolean)) {
    const key = keySchemas[kind].parse(JSON.parse(line))
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}

/** Resolves when nothing of the hub's spool waits for the store any more. */
export async function spoolIsLoaded(dataDirectory: string): Promise<void> {
  await eventually('every segment in the store', async () => {
    const files = await readdir(join(dataDirectory, 'spool', 'hub'))
    return files.some((file) => /\.(?:open|sealed)$/.test(file)) ? undefined : true
  })
}

/** Segments that were set aside as damaged. */
export async function quarantined(dataDirectory: string): Promise<readonly string[]> {
  return await readdir(join(dataDirectory, 'spool', 'hub', 'quarantine')).catch(() => [])
}

/** Minutes in which a rollup and the raw rows say different things; none when all is well. */
export async function rollupDifferences(url: string): Promise<Readonly<Record<string, unknown>>> {
  const found: Record<string, unknown> = {}
  for (const [table, { raw, rollup }] of Object.entries(rollups)) {
    const missing = await rowsOf(url, `SELECT * FROM (${raw} EXCEPT ${rollup}) LIMIT 3`)
    const surplus = await rowsOf(url, `SELECT * FROM (${rollup} EXCEPT ${raw}) LIMIT 3`)
    found[table] = [...missing, ...surplus]
  }
  return found
}

/** No differences. */
export const equalRollups = { calls: [], samples: [], scores: [] }

const rollups = {
  calls: {
    raw: `SELECT model, toStartOfMinute(toDateTime(started_at, 'UTC')) AS at, toUInt64(count()), toUInt64(countIf(outcome = 'success')), toUInt64(sum(ifNull(prompt_tokens, 0))) FROM calls GROUP BY model, at`,
    rollup: `SELECT model, minute, toUInt64(sum(calls)), toUInt64(sum(successes)), toUInt64(sum(prompt_tokens)) FROM calls_1m GROUP BY model, minute`,
  },
  samples: {
    raw: `SELECT series_id, toStartOfMinute(toDateTime(time, 'UTC')) AS at, toUInt64(count()), round(sum(value), 6), min(value), max(value) FROM samples WHERE state = 'present' GROUP BY series_id, at`,
    rollup: `SELECT series_id, minute, toUInt64(sum(count)), round(sum(sum), 6), min(minimum), max(maximum) FROM samples_1m GROUP BY series_id, minute`,
  },
  scores: {
    raw: `SELECT model, dimension, toStartOfMinute(toDateTime(call_started_at, 'UTC')) AS at, toUInt64(countIf(outcome = 'scored')), sumIf(value, outcome = 'scored') FROM scores GROUP BY model, dimension, at`,
    rollup: `SELECT model, dimension, minute, toUInt64(sum(scored)), sum(weighted_value) FROM scores_1m GROUP BY model, dimension, minute`,
  },
}

const answerSchema = z.object({ rows: z.array(z.array(z.unknown())) })

/** Rows of a query. */
export async function rowsOf(url: string, sql: string): Promise<readonly unknown[][]> {
  const answer = await fetch(`${url}/api/v1/query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sql }),
  })
  const body: unknown = await answer.json()
  if (!answer.ok) throw new Error(`the query answered ${answer.status}: ${JSON.stringify(body)}`)
  return answerSchema.parse(body).rows
}
