import type { Sample } from '../../records/sample.ts'
import { canonicalMetric } from '../../vocabulary/metrics.ts'
import { placeOfTarget, type TargetSubject } from './placement.ts'

/** How one scrape went; counts are 0 where nothing came. */
export interface ScrapeOutcome {
  readonly isUp: boolean
  readonly durationMs: number
  readonly scraped: number
  readonly kept: number
}

/** The state of the target itself as samples, written at each scrape whether it succeeded or not. */
export function healthSamples(
  target: { readonly project: string; readonly subject: TargetSubject },
  outcome: ScrapeOutcome,
  timeMs: number,
): Sample[] {
  const { namespace, dimensions } = placeOfTarget(target.subject)
  const values = {
    'target.up': outcome.isUp ? 1 : 0,
    'target.scrape_s': outcome.durationMs / 1_000,
    'target.samples': outcome.scraped,
    'target.samples_kept': outcome.kept,
  }
  return Object.entries(values).map(([metric, value]) => ({
    series: {
      project: target.project,
      namespace,
      metric,
      dimensions,
      unit: canonicalMetric(metric)?.unit ?? '1',
      kind: 'gauge',
    },
    timeMs,
    value,
    state: 'present',
  }))
}
