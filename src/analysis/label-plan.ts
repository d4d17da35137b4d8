// What more labels would bring, in words that a team can act on.
import { studentWidth } from '../stats/beta.ts'
import { hajek } from '../stats/hajek.ts'
import type { Bounds } from '../stats/interval.ts'
import { expectedShare, planLabels } from '../stats/judged-pass-rate.ts'
import { areVerdicts, type Calibration, type Evidence, fewestLabels } from './calibration.ts'
import { type LabelledAnswer, verdictStrata } from './verdict-strata.ts'

export interface LabelPlan {
  /** How many more labels. */
  readonly labels: number
  /** How many of them go to answers that the judge passed and failed; `null` = at random. */
  readonly byVerdict: { readonly passed: number; readonly failed: number } | null
  /** Half of the calibrated interval now; `null` while there is none. */
  readonly halfWidthNow: number | null
  /** Half of it then, if the next labels are like those so far; `null` where no label tells. */
  readonly halfWidthThen: number | null
}

/**
 * Plan of the next labels: at least as many as a first calibration needs.
 * @param earlier labels of any time, which say what the next ones will find
 */
export function labelPlan(
  evidence: Evidence,
  calibration: Calibration,
  { extra, earlier }: { readonly extra: number; readonly earlier: readonly LabelledAnswer[] },
): LabelPlan {
  const { judged, labels } = evidence
  const now = calibration.kind === 'calibrated' ? halfWidth(calibration) : null
  const room = judged.passed.scored + judged.failed.scored - labels.length
  const wanted = Math.min(Math.max(extra, fewestLabels - labels.length), Math.max(0, room))
  if (!areVerdicts(labels)) {
    const then = now === null ? null : halfWidthOfMean(evidence, now, wanted)
    return { labels: wanted, byVerdict: null, halfWidthNow: now, halfWidthThen: then }
  }
  const expected = verdictStrata(judged, earlier).map(expectedShare)
  const plan = planLabels(verdictStrata(judged, labels), wanted, expected)
  const [passed = 0, failed = 0] = plan.more
  const isTold = labels.length + earlier.length > 0
  return {
    labels: passed + failed,
    byVerdict: { passed, failed },
    halfWidthNow: now,
    halfWidthThen: isTold ? plan.halfWidthThen : null,
  }
}

/**
 * Only that part of the variance falls which comes from labelling few of the judged answers; what would be left if
 * all of them were labelled stays.
 */
function halfWidthOfMean({ judged, labels }: Evidence, now: number, extra: number): number | null {
  const found = hajek(
    labels.map(({ truth }) => truth),
    labels.map(({ samplingProbability, drawProbability }) => samplingProbability * drawProbability),
  )
  if (found === null) return null
  const all = judged.passed.scored + judged.failed.scored
  const widthNow = studentWidth(0.95, Math.max(1, found.nEffective - 1))
  const varianceNow = (now / widthNow) ** 2
  const floor = Math.min(varianceNow, (found.variance * found.n) / all)
  const share = (n: number) => 1 / n - 1 / all
  const shrunk = share(found.n) > 0 ? share(found.n + extra) / share(found.n) : 1
  const grown = found.nEffective * ((found.n + extra) / found.n)
  return (
    Math.sqrt(floor + (varianceNow - floor) * shrunk) * studentWidth(0.95, Math.max(1, grown - 1))
  )
}

/** The plan as one sentence, e.g. `40 more labels narrow safety from ±3.1 to ±1.9 points`. */
export function planSentence(dimension: string, plan: LabelPlan): string {
  const { labels, halfWidthNow: now, halfWidthThen: then } = plan
  if (labels === 0)
    return `every judged answer is labelled: ${dimension} is as sure as this window allows`
  const more = `${labels} more label${labels === 1 ? '' : 's'}`
  if (now === null) {
    const expected = then === null ? '' : `, to about ±${points(then)} points`
    return `${more} would calibrate ${dimension}${expected}`
  }
  if (then === null || now - then < leastGain)
    return `${more} would hardly narrow ${dimension} (±${points(now)} points)`
  return `${more} narrow ${dimension} from ±${points(now)} to ±${points(then)} points`
}

/** A twentieth of a point: less would read as no gain at all. */
const leastGain = 0.0005

const points = (share: number) => (100 * share).toFixed(1)

const halfWidth = ({ lower, upper }: Bounds) => (upper - lower) / 2
