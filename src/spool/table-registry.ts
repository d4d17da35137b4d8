import { alerts } from './tables/alert.ts'
import { calls } from './tables/call.ts'
import { events } from './tables/event.ts'
import { findings } from './tables/finding.ts'
import { labels } from './tables/label.ts'
import { ledger } from './tables/ledger-entry.ts'
import { samples } from './tables/sample.ts'
import { scores } from './tables/score.ts'
import { series } from './tables/series.ts'
import { texts } from './tables/text.ts'

/** Each table that the spool writes. */
export const tables = {
  series,
  samples,
  texts,
  calls,
  scores,
  labels,
  events,
  findings,
  ledger,
  alerts,
} as const
