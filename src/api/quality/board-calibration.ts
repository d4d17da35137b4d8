// The calibrated quality on the board. Labels come slowly and simulation takes milliseconds, so every board of half a
// minute shares it.
import { type Calibrated, calibrate } from '../../analysis/calibration.ts'
import { type JudgedQuery, labelledDimensions } from '../../store/queries/judged-answers.ts'
import type { Store } from '../../store/store.ts'
import type { CalibratedInterval } from '../contract.ts'
import { groupBy } from '../board/columns.ts'
import { judgingEvidence, labelsFromMs } from './judging-evidence.ts'

/** The calibrated interval of one model's dimension. */
export interface ModelCalibration {
  readonly model: string
  readonly dimension: string
  readonly interval: CalibratedInterval
}

/**
 * For each model and dimension that people labelled, the calibration with the most labels. Evaluators are not pooled:
 * each errs in its own way. Without a label it costs one look at the labels.
 */
export async function boardCalibration(
  store: Store,
  query: JudgedQuery,
): Promise<readonly ModelCalibration[]> {
  const labelled = await labelledDimensions(store, { ...query, fromMs: labelsFromMs(query) })
  if (labelled.models.length === 0) return []
  const judgings = await judgingEvidence(store, { ...query, ...labelled })
  const found = judgings.flatMap(({ judging, evidence }) => {
    const calibration = calibrate(evidence)
    return calibration.kind === 'calibrated' ? [{ ...judging, calibration }] : []
  })
  const perDimension = groupBy(found, ({ model, dimension }) => JSON.stringify([model, dimension]))
  return [...perDimension.values()].flatMap((versions) => {
    const [best] = versions.toSorted((a, b) => b.calibration.labels - a.calibration.labels)
    if (best === undefined) return []
    const { model, dimension, calibration } = best
    return [{ model, dimension, interval: intervalOf(calibration) }]
  })
}

function intervalOf({ value, lower, upper, labels, method }: Calibrated): CalibratedInterval {
  return { value, lower, upper, labels, method }
}

const sharedForMs = 30_000
const mostEntries = 32

/**
 * Wraps `boardCalibration` so that windows which moved by less than half a minute share one answer, for half a minute.
 * @param now epoch milliseconds
 */
export function sharedCalibration(
  load: (query: JudgedQuery) => Promise<readonly ModelCalibration[]>,
  now: () => number,
): (query: JudgedQuery) => Promise<readonly ModelCalibration[]> {
  const entries = new Map<string, Entry>()
  return (query) => {
    const slot = (ms: number) => Math.floor(ms / sharedForMs)
    const key = JSON.stringify({ ...query, fromMs: slot(query.fromMs), toMs: slot(query.toMs) })
    const known = entries.get(key)
    if (known !== undefined && now() - known.startedAtMs < sharedForMs) return known.found
    const found = load(query)
    entries.delete(key)
    entries.set(key, { startedAtMs: now(), found })
    // A failure is not an answer worth keeping.
    found.catch(() => entries.delete(key))
    if (entries.size > mostEntries) entries.delete(entries.keys().next().value ?? key)
    return found
  }
}

interface Entry {
  readonly startedAtMs: number
  readonly found: Promise<readonly ModelCalibration[]>
}
