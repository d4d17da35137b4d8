// What the samples of most series become, as numbers side by side: read in the order of the request, so that the
// processor has the next one at hand. An object for each would be looked for in memory again and again.
import { isNotFinite } from '../../vocabulary/aliases/alias.ts'
import type { SeriesHalves } from '../../records/sample-rows.ts'
import type { Output } from './series-plan.ts'

/** By number of the label set. */
export interface PlainSeries {
  /** 1 = the set is here: one output, which nobody else wants to give. */
  is: Uint8Array
  low: Int32Array
  high: Int32Array
  factors: Float64Array
  /** Positions in `blanks`. */
  blankKinds: Uint8Array
  /** Which values are no values, by system; the first is `isNotFinite`. */
  readonly blanks: ((value: number) => boolean)[]
  /** Time (epoch ms) of the newest sample that the claims were not told of; 0 = they know all. */
  untoldMs: Float64Array
}

/** No series yet. */
export function createPlainSeries(): PlainSeries {
  return {
    is: new Uint8Array(1_024),
    low: new Int32Array(1_024),
    high: new Int32Array(1_024),
    factors: new Float64Array(1_024),
    blankKinds: new Uint8Array(1_024),
    blanks: [isNotFinite],
    untoldMs: new Float64Array(1_024),
  }
}

/** Takes a set in where it is plain. */
export function putPlain(
  plain: PlainSeries,
  set: number,
  output: Output,
  { low, high }: SeriesHalves,
): void {
  while (set >= plain.is.length) widen(plain)
  const isUncontested = output.claim?.isUncontested() ?? true
  const kind = output.factor === null ? -1 : kindOf(plain.blanks, output.isSentinel)
  plain.is[set] = isUncontested && kind !== -1 ? 1 : 0
  if (kind === -1) return
  plain.low[set] = low
  plain.high[set] = high
  plain.factors[set] = output.factor ?? 1
  plain.blankKinds[set] = kind
}

/** Position among `blanks`, which systems share; -1 = there are more than a byte can number. */
function kindOf(blanks: PlainSeries['blanks'], isBlank: (value: number) => boolean): number {
  const known = blanks.indexOf(isBlank)
  if (known !== -1) return known
  return blanks.length < 256 ? blanks.push(isBlank) - 1 : -1
}

/** Whether a value is none in the system that a set is of. */
export function isBlankIn(plain: PlainSeries, set: number, value: number): boolean {
  const kind = plain.blankKinds[set] ?? 0
  // Only numbers differ from themselves by zero.
  return kind === 0 ? value - value !== 0 : (plain.blanks[kind]?.(value) ?? false)
}

function widen(plain: PlainSeries): void {
  const room = 2 * plain.is.length
  const former = { ...plain }
  plain.is = new Uint8Array(room)
  plain.low = new Int32Array(room)
  plain.high = new Int32Array(room)
  plain.factors = new Float64Array(room)
  plain.blankKinds = new Uint8Array(room)
  plain.untoldMs = new Float64Array(room)
  plain.is.set(former.is)
  plain.low.set(former.low)
  plain.high.set(former.high)
  plain.factors.set(former.factors)
  plain.blankKinds.set(former.blankKinds)
  plain.untoldMs.set(former.untoldMs)
}
