/** One reading of a counter. */
export interface CounterPoint {
  /** Epoch milliseconds. */
  readonly timeMs: number
  readonly value: number
}

/**
 * Growth of a counter over readings in time order. A counter that fell was reset by a restart, and
 * then counted up from zero: what it lost between its last reading and the restart is unknown.
 * `null` = fewer than two readings.
 */
export function counterIncrease(points: readonly CounterPoint[]): number | null {
  if (points.length < 2) return null
  return points.slice(1).reduce((total, point, index) => {
    const previous = points[index]?.value ?? 0
    return total + (isReset(previous, point.value) ? point.value : point.value - previous)
  }, 0)
}

/** Growth per second over readings in time order, resets included; `null` = no two instants. */
export function counterRate(points: readonly CounterPoint[]): number | null {
  const increase = counterIncrease(points)
  const seconds = ((points.at(-1)?.timeMs ?? 0) - (points[0]?.timeMs ?? 0)) / 1_000
  return increase === null || seconds <= 0 ? null : increase / seconds
}

/** Whether a counter started again between two readings. */
export function isReset(previous: number, current: number): boolean {
  return current < previous
}
