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
  if (set >= plain.is.length) widen(plain)
  const isPlain = output.factor !== null && (output.claim?.isUncontested() ?? true)
  plain.is[set] = isPlain ? 1 : 0
  plain.low[set] = low
  plain.high[set] = high
  plain.factors[set] = output.factor ?? 1
  plain.blankKinds[set] = kindOf(plain.blanks, output.isSentinel)
}

function kindOf(blanks: PlainSeries['blanks'], isBlank: (value: number) => boolean): number {
  const known = blanks.indexOf(isBlank)
  return known === -1 ? blanks.push(isBlank) - 1 : known
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
