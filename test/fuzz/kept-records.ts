// In the place of the spool: every record is written as the spool would write it, looked at, and let go.
import type { Call } from '../../src/records/call.ts'
import type { Accept } from '../../src/records/record-kind.ts'
import type { Score } from '../../src/records/score.ts'
import type { Sample } from '../../src/records/sample.ts'
import { createRowBuffer, type RowBuffer } from '../../src/spool/row-binary.ts'
import { hashedCall } from '../../src/spool/text-hash.ts'
import { createSeriesIds } from '../../src/spool/series-ids.ts'
import { writeRows } from '../../src/spool/table.ts'
import { tables } from '../../src/spool/table-registry.ts'

export interface KeptRecords {
  readonly accept: Accept
  /** Records so far. */
  count(): number
  /** What is wrong with records since the last call. */
  complaints(): string[]
}

export function keepRecords(): KeptRecords {
  let count = 0
  let complaints: string[] = []
  const buffer = createRowBuffer()
  const complain = (complaint: string | null) => {
    if (complaint !== null && complaints.length < 10) complaints.push(complaint)
  }
  const accept: Accept = (kind, records) => {
    count += records.length
    for (const record of records) complain(complaintOf(record))
    buffer.length = 0
    write(buffer, kind, records)
    return Promise.resolve()
  }
  return {
    accept,
    count: () => count,
    complaints: () => complaints.splice(0),
  }
}

const write = (buffer: RowBuffer, kind: keyof typeof tables, records: readonly unknown[]): void => {
  if (kind === 'samples') {
    // Ids afresh each time: nothing of a case is remembered here.
    const ids = createSeriesIds()
    const samples = records.filter(isSample)
    writeRows(buffer, tables.series, ids.unwritten(samples))
    writeRows(
      buffer,
      tables.samples,
      samples.map((sample) => ({ seriesId: ids.idOf(sample.series), sample })),
    )
    return
  }
  if (kind === 'calls') {
    writeRows(buffer, tables.calls, records.filter(isCall).map(hashedCall))
    return
  }
  // A table writes records of its own kind: `accept` is typed so.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  writeRows(buffer, tables[kind] as (typeof tables)['scores'], records as readonly Score[])
}

function isCall(record: unknown): record is Call {
  return typeof record === 'object' && record !== null && 'callId' in record && 'prompt' in record
}

function isSample(record: unknown): record is Sample {
  return typeof record === 'object' && record !== null && 'series' in record
}

/** What the types promise and the bytes could have broken. */
function complaintOf(record: unknown): string | null {
  const odd = oddValue(record, '')
  if (odd !== null) return odd
  if (!isSample(record)) return null
  const isPresent = record.state === 'present'
  return isPresent === Number.isFinite(record.value)
    ? null
    : `${record.series.metric} is ${record.value} in state ${record.state}`
}

/** Path of something that no record may hold: functions, undefined, infinite or negative measures. */
function oddValue(value: unknown, path: string): string | null {
  if (typeof value === 'function' || typeof value === 'undefined' || typeof value === 'symbol')
    return `${path} is a ${typeof value}`
  if (typeof value === 'number') {
    const isMeasure = /(?:Seconds|Tokens|Ms|Probability)$/.test(path)
    return isMeasure && !(Number.isFinite(value) && value >= 0) ? `${path} is ${value}` : null
  }
  if (typeof value !== 'object' || value === null) return null
  for (const [key, one] of Object.entries(value)) {
    const odd = oddValue(one, `${path}.${key}`)
    if (odd !== null) return odd
  }
  return null
}
