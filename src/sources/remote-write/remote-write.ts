// Prometheus remote write, versions 1.0 and 2.0: what a sender ships becomes samples of canonical series.
import { createHash } from 'node:crypto'
import { Counter } from 'prom-client'
import type { Config } from '../../config/schema.ts'
import type { Fleet } from '../../fleet/fleet.ts'
import { UserError } from '../../records/failure.ts'
import type { Accept } from '../../records/record-kind.ts'
import type { AcceptOnce } from '../../spool/accept-once.ts'
import { countAtDoor } from '../../telemetry/doors.ts'
import type { SampleRows } from '../../records/sample-rows.ts'
import type { Log } from '../../telemetry/log.ts'
import { registry } from '../../telemetry/metrics.ts'
import { createRecent } from '../import/recent.ts'
import { KnownSeries, type KnownColumns } from './known-series.ts'
import { createNumbering, type NumberOf } from './numbering.ts'
import { requestFormat, type WriteHeaders } from './request-format.ts'
import { createSeriesMapping, type SeriesMapping } from './series-mapping.ts'
import { uncompressSnappy } from './snappy-block.ts'
import { readWriteRequestV1 } from './write-request-v1.ts'
import { readWriteRequestV2 } from './write-request-v2.ts'

const samplesTotal = new Counter({
  name: 'equipoise_remote_write_samples_total',
  help: 'Samples that senders of remote write brought, by what became of them.',
  labelNames: ['result'],
  registers: [registry],
})

const leftOutTotal = new Counter({
  name: 'equipoise_remote_write_left_out_total',
  help: 'Native histograms (refused) and exemplars (not kept) in write requests.',
  labelNames: ['kind'],
  registers: [registry],
})

export interface RemoteWriteOptions {
  readonly config: () => Config
  /** A reload exchanges it; what is known of series then starts anew. */
  readonly fleet: () => Fleet
  readonly accept: Accept
  readonly once: AcceptOnce
  /** Where samples of known series go without an object each; without it all go by `accept`. */
  readonly sampleRows?: SampleRows
  readonly log: Log
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** What became of a request, for the sender. */
export interface WriteAnswer {
  readonly samplesWritten: number
  /** `null` = everything was written. */
  readonly refusal: string | null
}

export interface RemoteWrite {
  /**
   * Resolves when what is kept of the request is durable. Throws a `UserError` for requests that are none or too
   * large, and a `RetryableError` when the disk refuses: nothing was kept then.
   */
  write(body: Uint8Array, headers: WriteHeaders): Promise<WriteAnswer>
}

/** Largest body in bytes as it comes, and uncompressed. */
export const mostBodyBytes = 8 * 1_024 * 1_024
const mostUncompressedBytes = 32 * 1_024 * 1_024
const usualUncompressedBytes = 2 * 1_024 * 1_024

/** A receiver that remembers which requests it has: a sender that missed our answer may send one again. */
export function createRemoteWrite(options: RemoteWriteOptions): RemoteWrite {
  const recent = createRecent<Promise<WriteAnswer>>(mostRemembered)
  const mapping = currentMapping(options)
  const numberOf = createNumbering()
  const scratch = Buffer.allocUnsafe(usualUncompressedBytes)
  return {
    async write(body, headers) {
      const format = requestFormat(headers)
      const id = createHash('sha256').update(format).update(body).digest('base64')
      const known = recent.get(id)
      if (known !== undefined) return await again(known)
      const answer = writeNew({ ...options, ...mapping(), numberOf, scratch, body, format, id })
      recent.set(id, answer)
      try {
        return await answer
      } catch (error) {
        recent.delete(id)
        throw error
      }
    },
  }
}

const mostRemembered = 4_096

async function again(known: Promise<WriteAnswer>): Promise<WriteAnswer> {
  const answer = await known
  const duplicate = answer.samplesWritten
  samplesTotal.inc({ result: 'duplicate' }, duplicate)
  countAtDoor(
    'remote_write',
    'samples',
    { received: duplicate, accepted: 0, duplicate },
    Date.now(),
  )
  return answer
}

interface Mappings {
  readonly mapping: SeriesMapping
  /** `null` = samples have no door of their own. */
  readonly known: KnownSeries | null
}

function currentMapping(options: RemoteWriteOptions): () => Mappings {
  let made: (Mappings & { readonly config: Config; readonly fleet: Fleet }) | null
  made = null
  return () => {
    const [config, fleet] = [options.config(), options.fleet()]
    if (made?.config !== config || made.fleet !== fleet) {
      const { project } = config
      const staleAfterMs = config.fleet.staleAfter
      const mapping = createSeriesMapping({ project, fleet, staleAfterMs })
      const { sampleRows } = options
      const known =
        sampleRows === undefined ? null : new KnownSeries(mapping, sampleRows, staleAfterMs)
      made = { config, fleet, mapping, known }
    }
    return made
  }
}

interface Writing extends RemoteWriteOptions, Mappings {
  readonly numberOf: NumberOf
  /** The bytes of a request are read before anything is waited for, so each takes the place of the one before. */
  readonly scratch: Buffer
  readonly body: Uint8Array
  readonly format: 'v1' | 'v2'
  /** Of the request's bytes. */
  readonly id: string
}

async function writeNew(writing: Writing): Promise<WriteAnswer> {
  const { mapping, known, numberOf, scratch, body, format, id, accept, once, log, now } = writing
  const bytes = uncompressSnappy(body, mostUncompressedBytes, scratch)
  // Fast path: nearly every request of a sender that has been here for a while.
  const fast = format === 'v1' ? (known?.map(bytes, now()) ?? null) : null
  if (fast !== null) return await writeColumns(writing, fast)
  const request = format === 'v1' ? readWriteRequestV1(bytes) : readWriteRequestV2(bytes, numberOf)
  const { samples, written, refused, reason } = mapping.map(request, now())
  const isNew = await once.batch(keyOf(id), async (keys) => await accept('samples', samples, keys))
  if (format === 'v1') known?.learn(request)
  const { histograms, exemplars } = request
  count({ isNew, written, refused }, now())
  leftOutTotal.inc({ kind: 'histogram' }, histograms)
  leftOutTotal.inc({ kind: 'exemplar' }, exemplars)
  const refusal = refusalOf({ written, refused, reason, histograms })
  if (refusal !== null) log.warn({ reason: refusal }, 'Part of a write request was refused.')
  return { samplesWritten: written, refusal }
}

/** Samples of known series: their bytes became columns, which become rows. */
async function writeColumns(
  { once, sampleRows, id, now }: Writing,
  { columns, written }: KnownColumns,
): Promise<WriteAnswer> {
  const isNew = await once.batch(keyOf(id), async (keys) => await sampleRows?.accept(columns, keys))
  count({ isNew, written, refused: 0 }, now())
  return { samplesWritten: written, refusal: null }
}

const keyOf = (id: string) => `remote_write ${id}`

function count(
  {
    isNew,
    written,
    refused,
  }: { readonly isNew: boolean; readonly written: number; readonly refused: number },
  timeMs: number,
): void {
  samplesTotal.inc({ result: isNew ? 'written' : 'duplicate' }, written)
  samplesTotal.inc({ result: 'refused' }, refused)
  const kept = isNew ? { accepted: written, duplicate: 0 } : { accepted: 0, duplicate: written }
  const received = written + refused
  countAtDoor('remote_write', 'samples', { received, ...kept, rejected: { refused } }, timeMs)
}

function refusalOf(counts: {
  readonly written: number
  readonly refused: number
  readonly reason: string
  readonly histograms: number
}): string | null {
  const { written, refused, reason, histograms } = counts
  if (refused === 0 && histograms === 0) return null
  const parts = [
    refused === 0 ? [] : `${refused} samples were refused (the first: ${reason})`,
    histograms === 0
      ? []
      : `${histograms} native histograms were refused: only classic ones are kept, so leave send_native_histograms off`,
  ].flat()
  return `${written} samples were written; ${parts.join('; ')}`
}

/** The refusal of a request that was partly written: by the specification status 400, which is not sent again. */
export function partialRefusal(reason: string): UserError {
  return new UserError(reason, { code: 'partly_written' })
}
