// Quality as evaluators say and as people would say, side by side.
import { allOf, calibrate, type Calibration } from '../../analysis/calibration.ts'
import { type JudgeAgreement, judgeAgreement } from '../../analysis/judge-agreement.ts'
import { labelPlan, planSentence } from '../../analysis/label-plan.ts'
import { hajekFromSums } from '../../stats/hajek.ts'
import type { Estimate } from '../../stats/interval.ts'
import type { JudgedQuery } from '../../store/queries/judged-answers.ts'
import type { Store } from '../../store/store.ts'
import type { Interval, QualityReport, QualityRow } from '../contract.ts'
import { judgingEvidence, type JudgingEvidence, labelsFromMs } from './judging-evidence.ts'

/**
 * Raw and calibrated quality of a window.
 * @param extra how many more labels the plans are about
 */
export async function qualityReport(
  store: Store,
  query: JudgedQuery,
  extra: number,
): Promise<QualityReport> {
  const judgings = await judgingEvidence(store, query)
  return {
    fromMs: query.fromMs,
    toMs: query.toMs,
    labelsFromMs: labelsFromMs(query),
    rows: judgings.flatMap((one) => qualityRow(one, extra) ?? []),
  }
}

/** `null` when nothing was scored. */
export function qualityRow(
  { judging, passMark, evidence, anyTime }: JudgingEvidence,
  extra: number,
): QualityRow | null {
  const raw = hajekFromSums(allOf(evidence.judged))
  if (raw === null) return null
  const found = calibrate(evidence)
  const plan = labelPlan(evidence, found, { extra, earlier: anyTime })
  return {
    ...judging,
    passMark,
    raw,
    calibrated: calibratedOf(found),
    rawOnly: found.kind === 'raw_only' ? found.reason : null,
    labels: { ofWindow: evidence.labels.length, ofAnyTime: anyTime.length },
    agreement: agreementOf(judgeAgreement(anyTime)),
    plan: { ...plan, sentence: planSentence(judging.dimension, plan) },
  }
}

function calibratedOf(found: Calibration): QualityRow['calibrated'] {
  if (found.kind === 'raw_only') return null
  const { value, lower, upper, labels, labelsEffective, method } = found
  return { value, lower, upper, labels, labelsEffective, method }
}

function agreementOf(found: JudgeAgreement | null): QualityRow['agreement'] {
  if (found === null) return null
  const { kappa, strength, sensitivity, specificity } = found
  const { value, lower, upper, n } = kappa
  return {
    kappa: value,
    lower,
    upper,
    n,
    strength,
    sensitivity: intervalOf(sensitivity),
    specificity: intervalOf(specificity),
  }
}

function intervalOf(estimate: Estimate | null): Interval | null {
  if (estimate === null) return null
  const { value, lower, upper, n } = estimate
  return { value, lower, upper, n }
}
