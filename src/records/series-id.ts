import { createHash } from 'node:crypto'
import type { Series } from './sample.ts'

/**
 * 64-bit id of a series: the first 8 bytes of SHA-256 over its identity with dimensions sorted by key.
 * Equal series get equal ids in every process, so writers need no coordination.
 */
export function seriesId(series: Series): bigint {
  const dimensions = Object.entries(series.dimensions).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const identity = JSON.stringify([series.project, series.namespace, series.metric, dimensions])
  return createHash('sha256').update(identity).digest().readBigUInt64LE(0)
}
