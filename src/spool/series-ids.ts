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

/** An empty memory of series. */
export function createSeriesIds(): SeriesIds {
  /** Sources that keep a series' object skip the hash; others pay for it at each sample. */
  const ids = new WeakMap<Series, bigint>()
  const written = new Set<bigint>()

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
        if (!written.has(id)) rows.set(id, { seriesId: id, series })
      }
      return [...rows.values()]
    },
    isWritten: (id) => written.has(id),
    markWritten(rows) {
      for (const row of rows) written.add(row.seriesId)
    },
    size: () => written.size,
  }
}
