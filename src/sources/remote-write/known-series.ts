// Series that were met before: their samples go from the request's bytes to the log's columns without an object each.
import type { SampleColumns, SampleRows, SeriesHalves } from '../../records/sample-rows.ts'
import { readingStates } from '../../records/sample.ts'
import { createKnownSamples, readKnownRequest, type KnownSamples } from './known-request.ts'
import { LabelTable } from './label-table.ts'
import { createPlainSeries, isBlankIn, putPlain, type PlainSeries } from './plain-series.ts'
import { isPlausibleTime, type Plan, type SeriesMapping } from './series-mapping.ts'
import type { Output } from './series-plan.ts'
import type { WrittenRequest } from './written-series.ts'

export interface KnownColumns {
  readonly columns: SampleColumns
  /** Written samples, those included that a preferred source already gives. */
  readonly written: number
}

/** What `mapping` decided for series, by the bytes of their labels. */
export class KnownSeries {
  readonly #mapping: SeriesMapping
  readonly #rows: SampleRows
  readonly #staleAfterMs: number
  readonly #table = new LabelTable(mostSeries, mostLabelBytes)
  readonly #samples = createKnownSamples()
  /** By number of the label set; `null` = the set needs a closer look. */
  #known: (Known | null)[] = []
  #plain = createPlainSeries()
  #columns = newColumns(4_096)
  #seen = { epoch: 0, contests: 0 }

  /** @param staleAfterMs age at which a source that says nothing gives up its place */
  constructor(mapping: SeriesMapping, rows: SampleRows, staleAfterMs: number) {
    this.#mapping = mapping
    this.#rows = rows
    this.#staleAfterMs = staleAfterMs
  }

  /**
   * Columns of a version 1 request; `null` where it holds anything but plain samples of known series, and then
   * nothing has happened. The columns hold until the next call.
   * @param nowMs epoch milliseconds
   */
  map(bytes: Buffer, nowMs: number): KnownColumns | null {
    this.#heed()
    const samples = this.#samples
    const isKnown = readKnownRequest(bytes, this.#table, samples)
    const room = isKnown ? this.#roomFor(samples, nowMs) : null
    if (room === null) {
      // The mapping looks at the claims next.
      this.#tellClaims()
      return null
    }
    const columns = this.#emptyColumns(room)
    const plain = this.#plain
    for (let row = 0; row < samples.length; row += 1) {
      const set = samples.sets[row] ?? 0
      if (plain.is[set] === 1) addPlainRow(columns, plain, set, { samples, row })
      else this.#addRows(columns, this.#known[set]?.outputs ?? [], row)
    }
    return { columns, written: samples.length }
  }

  /** Remembers the series of a request that was mapped and accepted. */
  learn(request: WrittenRequest): void {
    for (const { key, samples } of request.series) {
      const plan = key === null || samples.length === 0 ? null : this.#mapping.planOf(key)
      if (key === null || plan === null) continue
      const outputs = this.#outputsOf(plan)
      const set = this.#numberOf(Buffer.from(key, 'latin1'))
      if (set !== -1) this.#put(set, outputs === null ? null : { plan, outputs })
    }
  }

  #put(set: number, known: Known | null): void {
    this.#known[set] = known
    const [output, ...more] = known?.outputs ?? []
    const halves = output?.halves ?? null
    if (output !== undefined && halves !== null && more.length === 0) {
      putPlain(this.#plain, set, output, halves)
    } else this.#plain.is[set] = 0
  }

  /** `null` where the plan may have become another meanwhile. */
  #outputsOf({ outputs, epoch }: Plan): readonly KnownOutput[] | null {
    if (epoch !== null && epoch !== this.#mapping.epoch()) return null
    return outputs.map((output) => ({ ...output, halves: this.#rows.halvesOf(output.series) }))
  }

  #numberOf(labels: Buffer): number {
    const view = new DataView(labels.buffer, labels.byteOffset, labels.byteLength)
    const found = this.#table.find(view, 0, labels.length)
    const added = found === -1 ? this.#table.add(view, 0, labels.length) : found
    if (added !== -1) return added
    // Full: it begins anew, and those that still come are back with their next request.
    this.#tellClaims()
    this.#table.clear()
    this.#known = []
    this.#plain = createPlainSeries()
    return this.#table.add(view, 0, labels.length)
  }

  /** What was learned of targets may place series anew, and a new source may want what one alone gave. */
  #heed(): void {
    const [epoch, contests] = [this.#mapping.epoch(), this.#mapping.contests()]
    if (epoch === this.#seen.epoch && contests === this.#seen.contests) return
    this.#tellClaims()
    this.#seen = { epoch, contests }
    for (const [set, known] of this.#known.entries()) {
      if (known === null) continue
      const isOutdated = known.plan.epoch !== null && known.plan.epoch !== epoch
      this.#put(set, isOutdated ? null : known)
    }
  }

  #tellClaims(): void {
    const { untoldMs } = this.#plain
    for (const [set, known] of this.#known.entries()) {
      const timeMs = untoldMs[set] ?? 0
      if (timeMs > 0) known?.outputs[0]?.claim?.tell(timeMs)
    }
    untoldMs.fill(0)
  }

  /** The arrays of the request before, where they are long enough. */
  #emptyColumns(room: number): Columns {
    if (room > this.#columns.low.length) this.#columns = newColumns(2 * room)
    this.#columns.length = 0
    return this.#columns
  }

  /** Most rows that the samples can become; `null` where one of them needs a closer look. */
  #roomFor({ length, sets, timesMs }: KnownSamples, nowMs: number): number | null {
    let room = 0
    for (let row = 0; row < length; row += 1) {
      if (!isPlausibleTime(timesMs[row] ?? 0, nowMs)) return null
      const set = sets[row] ?? 0
      const isPlain = this.#plain.is[set] === 1
      const count = isPlain ? 1 : this.#rowsOf(set, timesMs[row] ?? 0)
      if (count === 0) return null
      room += count
    }
    return room
  }

  /** Most rows of a sample; 0 = it needs a closer look, as when it is the first that counts of a series. */
  #rowsOf(set: number, timeMs: number): number {
    const outputs = this.#known[set]?.outputs ?? []
    for (const { halves, claim } of outputs) {
      if (halves !== null) continue
      if (claim?.wouldWrite(timeMs, false, this.#staleAfterMs) ?? true) return 0
    }
    return outputs.length
  }

  #addRows(columns: Columns, outputs: readonly KnownOutput[], row: number): void {
    const samples = this.#samples
    const timeMs = samples.timesMs[row] ?? 0
    for (const { claim, halves, isSentinel, convert } of outputs) {
      if (halves === null) continue
      if (claim !== null && !claim.mayWrite(timeMs, false, this.#staleAfterMs)) continue
      const value = samples.values[row] ?? 0
      const state = isSentinel(value) ? sentinel : present
      const { low, high } = halves
      addRow(columns, { low, high, timeMs, state, value: convert(value) })
    }
  }
}

const mostSeries = 200_000
const mostLabelBytes = 64 * 1_024 * 1_024

interface Known {
  readonly plan: Plan
  readonly outputs: readonly KnownOutput[]
}

interface KnownOutput extends Output {
  /** `null` = no sample of it counted yet, so the series is not durable. */
  readonly halves: SeriesHalves | null
}

type Columns = { -readonly [Key in keyof SampleColumns]: SampleColumns[Key] }

function newColumns(room: number): Columns {
  return {
    length: 0,
    low: new Int32Array(room),
    high: new Int32Array(room),
    timesMs: new Float64Array(room),
    values: new Float64Array(room),
    states: new Uint8Array(room),
  }
}

const present = readingStates.indexOf('present')
const sentinel = readingStates.indexOf('sentinel')

/** The same as `sampleOf` decides, without its object; nobody else's claim is in the way. */
function addPlainRow(
  columns: Columns,
  plain: PlainSeries,
  set: number,
  { samples, row }: { readonly samples: KnownSamples; readonly row: number },
): void {
  const timeMs = samples.timesMs[row] ?? 0
  const value = samples.values[row] ?? 0
  if (timeMs > (plain.untoldMs[set] ?? 0)) plain.untoldMs[set] = timeMs
  addRow(columns, {
    low: plain.low[set] ?? 0,
    high: plain.high[set] ?? 0,
    timeMs,
    state: isBlankIn(plain, set, value) ? sentinel : present,
    value: value * (plain.factors[set] ?? 1),
  })
}

interface Row extends SeriesHalves {
  readonly timeMs: number
  readonly state: number
  readonly value: number
}

function addRow(columns: Columns, { low, high, timeMs, state, value }: Row): void {
  const to = columns.length
  columns.low[to] = low
  columns.high[to] = high
  columns.timesMs[to] = timeMs
  columns.states[to] = state
  // A blank has no value: whoever forgets to look at the state must not find a number.
  columns.values[to] = state === present ? value : Number.NaN
  columns.length = to + 1
}
