// An interval for a share that holds at every look, not only at one.
import type { Bounds } from './interval.ts'
import { betaBinomialMixture } from './mixture-boundary.ts'

/**
 * Confidence sequence for the success probability by the two-sided beta-binomial mixture (Howard et al. 2021).
 * @param successes in [0, trials]; may be a fraction
 * @param tunedTrials number of trials about which the interval is tightest
 */
export function bernoulliSequence(
  successes: number,
  trials: number,
  { alpha = 0.05, tunedTrials }: { readonly alpha?: number; readonly tunedTrials: number },
): Bounds {
  if (!(trials > 0 && successes >= 0 && successes <= trials)) {
    throw new RangeError(
      `successes must lie in [0, trials] and trials be positive: ${successes} of ${trials}`,
    )
  }
  const share = successes / trials
  const isRefuted = (p: number) => {
    const variance = p * (1 - p)
    const mixture = betaBinomialMixture(
      { variance: variance * tunedTrials },
      { below: p, above: 1 - p },
      'two',
    )
    return mixture.logValue((share - p) * trials, variance * trials) > Math.log(1 / alpha)
  }
  return {
    lower: share === 0 ? 0 : edge(share, 0, isRefuted),
    upper: share === 1 ? 1 : edge(share, 1, isRefuted),
  }
}

/** Where refutation begins on the way from `inside`, which stands, to `outside`. */
function edge(inside: number, outside: number, isRefuted: (p: number) => boolean): number {
  let [near, far] = [inside, outside]
  for (let step = 0; step < 60; step += 1) {
    const middle = (near + far) / 2
    if (middle <= 0 || middle >= 1) break
    if (isRefuted(middle)) far = middle
    else near = middle
  }
  return (near + far) / 2
}
