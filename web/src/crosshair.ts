// One crosshair for all lanes: a time, or nothing.
import { signal } from '@preact/signals'

/** Time under the crosshair in milliseconds. */
export const crosshairMs = signal<number | null>(null)

export interface PointedChart {
  /** Puts the chart's own cursor at the time; `null` takes it away. */
  point(timeMs: number | null): void
}

const charts = new Set<PointedChart>()

/** Joins a chart to the crosshair; returns how to leave it. */
export function joinCrosshair(chart: PointedChart): () => void {
  charts.add(chart)
  return () => charts.delete(chart)
}

/** Moves the crosshair from outside a chart: by key, from the event lane, from the heat strip. */
export function pointAt(timeMs: number | null): void {
  crosshairMs.value = timeMs
  for (const chart of charts) chart.point(timeMs)
}
