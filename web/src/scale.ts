// Axes: ranges and ticks as plain numbers.

export interface Scale {
  readonly min: number
  readonly max: number
  readonly ticks: readonly number[]
}

export interface ScaleBounds {
  /** The axis starts here if no value lies below. */
  readonly floor?: number
  /** The axis never goes above. */
  readonly ceiling?: number
  /** Least distance between the ends, so that noise is not drawn as an event. */
  readonly span?: number
}

/** The axis for the values: round ends, three to five ticks. */
export function scaleOf(values: Iterable<number | null>, bounds: ScaleBounds = {}): Scale {
  const ceiling = bounds.ceiling ?? Infinity
  const [low, high] = endsOf(values, bounds)
  const step = roundStep((high - low) / 3)
  const min = Math.floor(low / step + 1e-9) * step
  const max = Math.min(ceiling, Math.ceil(high / step - 1e-9) * step)
  const ticks: number[] = []
  for (let i = 0; min + i * step <= max + step * 1e-6; i++) ticks.push(tidy(min + i * step))
  return { min: tidy(min), max: tidy(max), ticks }
}

function endsOf(
  values: Iterable<number | null>,
  { floor, ceiling = Infinity, span = 0 }: ScaleBounds,
): readonly [number, number] {
  let low = floor ?? Infinity
  let high = -Infinity
  for (const value of values) {
    if (value === null) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  // Nothing to show still has an axis.
  if (high === -Infinity) {
    return [floor ?? 0, Number.isFinite(ceiling) ? ceiling : (floor ?? 0) + 1]
  }
  if (high - low < span) {
    high = Math.max(high, Math.min(ceiling, low + span))
    low = Math.min(low, high - span)
  }
  return [low, high === low ? high + 1 : high]
}

function roundStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw))
  const factor = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power >= raw * 0.999) ?? 10
  return factor * power
}

// Removes the tail that adding binary fractions leaves.
const tidy = (value: number) => Number(value.toPrecision(12))

const minute = 60_000
const hour = 60 * minute
const timeSteps = [
  5000,
  10_000,
  15_000,
  30_000,
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  3 * hour,
  6 * hour,
  12 * hour,
  24 * hour,
  48 * hour,
  168 * hour,
  336 * hour,
  672 * hour,
]

/** Ticks of the time axis in milliseconds: round local times, at least `gapPx` apart. */
export function timeTicks(fromMs: number, toMs: number, widthPx: number, gapPx = 90): number[] {
  const wanted = ((toMs - fromMs) * gapPx) / Math.max(widthPx, 1)
  const step = timeSteps.find((candidate) => candidate >= wanted) ?? 672 * hour
  const offset = new Date(fromMs).getTimezoneOffset() * minute
  const ticks: number[] = []
  for (let t = Math.ceil((fromMs - offset) / step) * step + offset; t <= toMs; t += step) {
    ticks.push(t)
  }
  return ticks
}

/** Index of the last start that is not after the time; -1 when all are. */
export function indexAt(startsMs: readonly number[], timeMs: number): number {
  let low = 0
  let high = startsMs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((startsMs[middle] ?? Infinity) <= timeMs) low = middle + 1
    else high = middle
  }
  return low - 1
}
