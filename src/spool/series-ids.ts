// Ids of series and which of them this process has written. Hashing is dear, so known objects are remembered.
import type { Sample, Series } from '../records/sample.ts'
import { seriesId } from '../records/series-id.ts'
import type { SeriesRow } from './tables/series.ts'

export interface SeriesIds {
  idOf(series: Series): bigint
  /** Each series of the samples that was not marked yet, once. */
  unwritten(samples: readonly Sample[]): readonly SeriesRow[]
  isWritten(id: bigint): boolean
  markWritten(rows: readonly SeriesRow[]): void
  size(): number
}

/**
 * An empty memory of series. Names that come and go must not fill it: beyond `most`, those not seen lately are forgotten
 * half at a time, and written again when they come back, which changes nothing in the store.
 */
export function createSeriesIds(most = 1_000_000): SeriesIds {
  /** Sources that keep a series' object skip the hash; others pay for it at each sample. */
  const ids = new WeakMap<Series, bigint>()
  let young = new Set<bigint>()
  let old = new Set<bigint>()
  const mark = (id: bigint): void => {
    young.add(id)
    if (young.size < most / 2) return
    old = young
    young = new Set()
  }
  const isWritten = (id: bigint): boolean => {
    if (young.has(id)) return true
    if (!old.has(id)) return false
    mark(id)
    return true
  }

  const idOf = (series: Series): bigint => {
    const known = ids.get(series)
    if (known !== undefined) return known
    const id = seriesId(series)
    ids.set(series, id)
    return id
  }

  return {
    idOf,
    unwritten(samples) {
      const rows = new Map<bigint, SeriesRow>()
      for (const { series } of samples) {
        const id = idOf(series)
        if (!isWritten(id)) rows.set(id, { seriesId: id, series })
      }
      return [...rows.values()]
    },
    isWritten,
    markWritten(rows) {
      for (const row of rows) mark(row.seriesId)
    },
    // Those of both halves may be counted twice.
    size: () => young.size + old.size,
  }
}
