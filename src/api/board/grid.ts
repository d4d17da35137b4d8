import type { BoardWindow } from '../../store/queries/board-window.ts'

const hourMs = 3_600_000

/** The steps of a window as the assembly needs them. */
export interface Grid {
  readonly fromMs: number
  readonly stepMs: number
  readonly length: number
  readonly timesMs: readonly number[]
  readonly stepSeconds: number
  readonly stepMinutes: number
  readonly stepHours: number
}

/** Lays the steps out over a window. */
export function gridOf(window: BoardWindow): Grid {
  const { fromMs, toMs, stepMs } = window
  const length = Math.round((toMs - fromMs) / stepMs)
  return {
    fromMs,
    stepMs,
    length,
    timesMs: Array.from({ length }, (_, step) => fromMs + step * stepMs),
    stepSeconds: stepMs / 1_000,
    stepMinutes: stepMs / 60_000,
    stepHours: stepMs / hourMs,
  }
}
