import type { Store } from '../store.ts'
import {
  type BoardWindow,
  rollupOf,
  stepOf,
  stepOfMinute,
  windowParameters,
  within,
  withinMinutes,
} from './board-window.ts'

/** Readings of one series by step; the arrays run side by side. `null` = looked for and not there. */
export interface BoardSamples {
  readonly metric: string
  readonly namespace: string
  /** Dimension `gpu`, e.g. `gpu-server-1/0`; empty where the series has none. */
  readonly gpu: string
  readonly steps: readonly number[]
  readonly means: readonly (number | null)[]
  readonly maxima: readonly (number | null)[]
}

/** Mean and maximum by series and step of the canonical metrics named. */
export function boardSamples(
  store: Store,
  window: BoardWindow,
  metrics: readonly string[],
): Promise<readonly BoardSamples[]> {
  const perStep = window.source === 'raw' ? rawReadings : rollupReadings(window)
  return store.query<BoardSamples>(
    `WITH wanted AS (
      SELECT DISTINCT series_id, metric, namespace, dimensions['gpu'] AS gpu FROM series
      WHERE project = {project:String} AND metric IN {metrics:Array(String)})
    SELECT metric, namespace, gpu, groupArray(step) AS steps,
      groupArray(tuple(mean)).1 AS means, groupArray(tuple(maximum)).1 AS maxima
    FROM (${perStep}) AS readings INNER JOIN wanted USING (series_id)
    GROUP BY series_id, metric, namespace, gpu ORDER BY metric, namespace, gpu`,
    { ...windowParameters(window), metrics },
  )
}

// A step with only absent, stale or sentinel readings gives null, which ends the line; a step without any gives no row.
const rawReadings = `
  SELECT series_id, ${stepOf('time')} AS step,
    if(countIf(state = 'present') > 0, avgIf(value, state = 'present'), NULL) AS mean,
    if(countIf(state = 'present') > 0, maxIf(value, state = 'present'), NULL) AS maximum
  FROM samples
  WHERE series_id IN (SELECT series_id FROM wanted) AND ${within('time')}
  GROUP BY series_id, step ORDER BY step`

const rollupReadings = (window: BoardWindow) => `
  SELECT series_id, ${stepOfMinute} AS step, toNullable(sum(rollup.sum) / sum(rollup.count)) AS mean,
    toNullable(max(rollup.maximum)) AS maximum
  FROM ${rollupOf('samples', window)} AS rollup
  WHERE series_id IN (SELECT series_id FROM wanted) AND ${withinMinutes}
  GROUP BY series_id, step ORDER BY step`
