// What one unit of work cost. An undefined ratio (nothing served, too few scored) is `null`, never 0 or infinity.

/** An estimate with the bounds of its 95 % interval and the number of scored answers behind it. */
export interface ShareInterval {
  readonly value: number
  readonly lower: number
  readonly upper: number
  readonly n: number
}

/** US dollars with the bounds of a 95 % interval; `n` is that of the share it rests on. */
export interface CostInterval {
  readonly value: number
  readonly lower: number
  readonly upper: number
  readonly n: number
}

/** US dollars per 1,000 calls = 1,000 x cost / calls; `null` without calls. */
export function usdPerThousandCalls(costUsd: number, calls: number): number | null {
  return calls > 0 ? (1_000 * costUsd) / calls : null
}

/** US dollars per million tokens delivered = 1e6 x cost / tokens; `null` without tokens. */
export function usdPerMillionTokens(costUsd: number, tokens: number): number | null {
  return tokens > 0 ? (1e6 * costUsd) / tokens : null
}

/** Fewer scored answers than this say nothing about a cost. */
export const minimumScoredAnswers = 10

/**
 * US dollars per good answer = cost / (N x p): N calls that succeeded, p the share of them that met its latency
 * objective and its quality gate, estimated from the scored sample. The cost falls as p rises, so the bounds swap:
 * [cost / (N x upper), cost / (N x lower)]. `null` when fewer than `minimumScoredAnswers` were scored, nothing
 * succeeded, or no good answer is within the interval, since the cost then has no upper bound.
 */
export function usdPerGoodAnswer(
  costUsd: number,
  successes: number,
  goodShare: ShareInterval | null,
): CostInterval | null {
  if (goodShare === null || goodShare.n < minimumScoredAnswers) return null
  if (!(successes > 0 && goodShare.lower > 0)) return null
  const costAt = (share: number) => costUsd / (successes * share)
  return {
    value: costAt(goodShare.value),
    lower: costAt(goodShare.upper),
    upper: costAt(goodShare.lower),
    n: goodShare.n,
  }
}
