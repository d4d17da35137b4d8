// The judge as an instrument, measured against people: how often it passes what they call good and fails what they
// call bad, and how far they agree beyond chance. Weighted, so that it speaks of the traffic and not of what was picked.
import { type AgreementEstimate, cohenKappa, resampled } from '../stats/agreement.ts'
import { hajekInterval } from '../stats/hajek.ts'
import type { Estimate } from '../stats/interval.ts'
import type { JudgeQuality } from '../stats/rogan-gladen.ts'
import type { LabelledAnswer } from './verdict-strata.ts'

/** A judge's error rates with effective counts, and the labels that they were measured on. */
export interface MeasuredJudge extends JudgeQuality {
  readonly labels: number
}

export interface JudgeAgreement {
  /** Share of good answers that the judge passes; `null` without a good one. */
  readonly sensitivity: Estimate | null
  /** Share of bad answers that it fails; `null` without a bad one. */
  readonly specificity: Estimate | null
  /** Cohen's, of the two verdicts. */
  readonly kappa: AgreementEstimate
  readonly strength: 'good' | 'tentative' | 'poor' | 'unknown'
}

/** Agreement of the judge's verdicts with people's; `null` where people gave no verdicts. */
export function judgeAgreement(labels: readonly LabelledAnswer[]): JudgeAgreement | null {
  const verdicts = decided(labels)
  if (verdicts.length === 0) return null
  const resamples = Math.round(Math.min(1_000, Math.max(200, mostDraws / verdicts.length)))
  const kappa = resampled(verdicts, kappaOf, { resamples })
  return { ...errorRates(verdicts), kappa, strength: strengthOf(kappa.value) }
}

/** Bounds the time of the bootstrap where labels are many and the interval narrow. */
const mostDraws = 2_000_000

/** The judge's error rates; `null` where no good or no bad answer was labelled. */
export function measuredQuality(labels: readonly LabelledAnswer[]): MeasuredJudge | null {
  const verdicts = decided(labels)
  const { sensitivity, specificity } = errorRates(verdicts)
  if (sensitivity === null || specificity === null) return null
  return {
    sensitivity: sensitivity.value,
    goodAnswers: sensitivity.nEffective,
    specificity: specificity.value,
    badAnswers: specificity.nEffective,
    labels: verdicts.length,
  }
}

/** People who are of two minds tell nothing about the judge. */
function decided(labels: readonly LabelledAnswer[]): readonly LabelledAnswer[] {
  return labels.filter(({ isVerdict, truth }) => isVerdict && truth !== 0.5)
}

function errorRates(verdicts: readonly LabelledAnswer[]) {
  return {
    sensitivity: share(
      verdicts.filter(({ truth }) => truth > 0.5),
      true,
    ),
    specificity: share(
      verdicts.filter(({ truth }) => truth < 0.5),
      false,
    ),
  }
}

const cells = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const

function kappaOf(verdicts: readonly LabelledAnswer[]): number | null {
  const counts = [0, 0, 0, 0]
  for (const answer of verdicts) {
    const cell = 2 * Number(answer.passed) + Number(answer.truth > 0.5)
    counts[cell] = (counts[cell] ?? 0) + weightOf(answer)
  }
  return cohenKappa(cells, 'none', counts)
}

function share(answers: readonly LabelledAnswer[], passed: boolean): Estimate | null {
  return hajekInterval(
    answers.map((answer) => Number(answer.passed === passed)),
    answers.map((answer) => 1 / weightOf(answer)),
  )
}

function weightOf({ samplingProbability, drawProbability }: LabelledAnswer): number {
  return 1 / (samplingProbability * drawProbability)
}

function strengthOf(kappa: number | null): JudgeAgreement['strength'] {
  if (kappa === null) return 'unknown'
  if (kappa >= 0.8) return 'good'
  return kappa >= 0.667 ? 'tentative' : 'poor'
}
