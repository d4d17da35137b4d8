import type { Series } from '../../records/sample.ts'
import { pairs, uint64, word, type Table } from '../table.ts'

/** A series under its id: written when this process meets it for the first time. */
export interface SeriesRow {
  readonly seriesId: bigint
  readonly series: Series
}

export const series: Table<SeriesRow> = {
  name: 'series',
  columns: [
    word('project', (row) => row.series.project),
    uint64('series_id', (row) => row.seriesId),
    word('namespace', (row) => row.series.namespace),
    word('metric', (row) => row.series.metric),
    pairs('dimensions', (row) => row.series.dimensions),
    word('unit', (row) => row.series.unit),
    word('kind', (row) => row.series.kind),
  ],
}
