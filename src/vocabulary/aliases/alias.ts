// What a system's own metric names mean in the canonical vocabulary.
import type { MetricScope } from '../metrics.ts'

/** How faithfully a source metric gives the canonical one. */
export type AliasQuality = 'exact' | 'derived' | 'approximate'

export interface Alias {
  /** Canonical name. */
  readonly metric: string
  /** Name in the exposition today; of a histogram without `_bucket`, `_sum`, `_count`. */
  readonly name: string
  /** Names of older versions, newest first; used where the newer one is not exported. */
  readonly formerNames?: readonly string[]
  readonly quality: AliasQuality
  /** Source unit times this is the canonical unit. */
  readonly factor?: number
  /** Source label to dimension; labels not named here or by the system are dropped. */
  readonly labels?: Readonly<Record<string, string>>
  /** Dimensions that the name itself says, e.g. the reason of a throttle counter. */
  readonly dimensions?: Readonly<Record<string, string>>
  /** Only samples whose labels match. */
  readonly where?: Readonly<Record<string, RegExp>>
  /** The value is the product of these labels, not the sample's own. */
  readonly productOf?: readonly string[]
  /** Source series that differ in dropped labels only become one this way; default: the system's. */
  readonly combine?: Combine
  /** Of a histogram: keep its buckets, besides sum and count. */
  readonly buckets?: boolean
  /** Of a histogram that is exported as two counters: what they are called. It has no buckets then. */
  readonly partNames?: Readonly<Record<'_sum' | '_count', string>>
  /** A healthy target exports it, so its absence is a fact worth recording. */
  readonly expected?: boolean
}

export type Combine = 'sum' | 'max' | 'first'

/** A metric that no name gives, as the sum of others of the same series. */
export interface Derivation {
  readonly metric: string
  readonly sumOf: readonly string[]
  readonly quality: AliasQuality
}

/** One system that exports metrics. Aliases of one metric stand in order of preference. */
export interface SourceSystem {
  readonly name: string
  readonly summary: string
  /** Version or date of the sources that the names were read in. */
  readonly asOf: string
  /** What one target describes: a copy of a model or a server with GPUs. */
  readonly target: Extract<MetricScope, 'copy' | 'node'>
  /** Names that give the system away. */
  readonly namePattern: RegExp
  readonly aliases: readonly Alias[]
  readonly derivations: readonly Derivation[]
  /** Label to dimension, for every alias. */
  readonly labels: Readonly<Record<string, string>>
  readonly combine: Combine
  /** Whether a value is the system's way to write "no value". */
  readonly isSentinel: (value: number) => boolean
}

/** Not a number or infinite: no reading in any system. */
export function isNotFinite(value: number): boolean {
  return !Number.isFinite(value)
}
