// The judge as an instrument, measured against people: how often it passes what they call good and fails what they
// call bad, and how far they agree beyond chance. Weighted, so that it speaks of the traffic and not of what was picked.
import { type AgreementEstimate, cohenKappa, resampled } from '../stats/agreement.ts'
import { hajekInterval } from '../stats/hajek.ts'
import type { Estimate } from '../stats/interval.ts'
import type { JudgeQuality } from '../stats/rogan-gladen.ts'
import type { LabelledAnswer } from './verdict-strata.ts'

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
  // People who are of two minds tell nothing about the judge.
  const decided = labels.filter(({ isVerdict, truth }) => isVerdict && truth !== 0.5)
  if (decided.length === 0) return null
  const kappa = resampled(decided, (answers) =>
    cohenKappa(
      answers.map(({ passed, truth }) => [Number(passed), Number(truth > 0.5)]),
      'none',
      answers.map(weightOf),
    ),
  )
  return {
    sensitivity: share(
      decided.filter(({ truth }) => truth > 0.5),
      true,
    ),
    specificity: share(
      decided.filter(({ truth }) => truth < 0.5),
      false,
    ),
    kappa,
    strength: strengthOf(kappa.value),
  }
}

/** The judge's error rates with effective counts; `null` where one of them was never seen. */
export function measuredQuality(agreement: JudgeAgreement | null): JudgeQuality | null {
  const { sensitivity = null, specificity = null } = agreement ?? {}
  if (sensitivity === null || specificity === null) return null
  return {
    sensitivity: sensitivity.value,
    goodAnswers: sensitivity.nEffective,
    specificity: specificity.value,
    badAnswers: specificity.nEffective,
  }
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
