import { readingStates, type Sample } from '../../records/sample.ts'
import { choice, float, time, uint64, type Table } from '../table.ts'

/** A sample beside the id of its series. */
export interface SampleRow {
  readonly seriesId: bigint
  readonly sample: Sample
}

export const samples: Table<SampleRow> = {
  name: 'samples',
  timeMs: (row) => row.sample.timeMs,
  columns: [
    uint64('series_id', (row) => row.seriesId),
    time('time', (row) => row.sample.timeMs),
    float('value', (row) => row.sample.value),
    choice('state', readingStates, (row) => row.sample.state),
  ],
}
