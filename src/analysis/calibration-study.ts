// Emulated studies for the tests of calibration: traffic whose truth is known, a judge that errs, unequal draws.
import type { Random } from '../stats/random.ts'
import type { HajekSums } from '../stats/hajek.ts'
import type { Evidence } from './calibration.ts'
import type { JudgedAnswers, LabelledAnswer } from './verdict-strata.ts'

export interface Study {
  /** Calls of the traffic. */
  readonly calls: number
  /** Share of good answers. */
  readonly rate: number
  readonly sensitivity: number
  readonly specificity: number
  /** Probabilities that a call is scored: of good and of bad answers. */
  readonly scored: readonly [good: number, bad: number]
  /** Probabilities that a scored answer is labelled: of those that the judge passed and failed. */
  readonly labelled: readonly [passed: number, failed: number]
  /** Longer answers of the same verdict are labelled this many times as often. */
  readonly longer?: number
}

/** One draw of everything. Longer answers are half of all and bad twice as often as short ones. */
export function drawStudy(study: Study, random: Random): Pick<Evidence, 'judged' | 'labels'> {
  const scored = Array.from({ length: study.calls }, () => oneAnswer(study, random)).filter(
    ({ samplingProbability }) => random.chance(samplingProbability),
  )
  const labels: LabelledAnswer[] = scored.filter(({ drawProbability }) =>
    random.chance(drawProbability),
  )
  const sumsOfVerdict = (passed: boolean) => sumsOf(scored.filter((one) => one.passed === passed))
  const judged: JudgedAnswers = { passed: sumsOfVerdict(true), failed: sumsOfVerdict(false) }
  return { judged, labels }
}

function oneAnswer(study: Study, random: Random): LabelledAnswer {
  const isLong = random.chance(0.5)
  const bad = (1 - study.rate) * (isLong ? 4 / 3 : 2 / 3)
  const good = !random.chance(bad)
  const passed = random.chance(good ? study.sensitivity : 1 - study.specificity)
  const draw = study.labelled[passed ? 0 : 1] * (isLong ? (study.longer ?? 1) : 1)
  return {
    score: Number(passed),
    truth: Number(good),
    passed,
    isVerdict: true,
    samplingProbability: study.scored[good ? 0 : 1],
    drawProbability: Math.min(1, draw),
  }
}

type Judged = Pick<LabelledAnswer, 'score' | 'samplingProbability'>

/** Sums as the store gives them. */
export function sumsOf(judged: readonly Judged[]): Required<HajekSums> {
  const sum = (of: (weight: number, score: number) => number) =>
    judged.reduce(
      (all, { score, samplingProbability }) => all + of(1 / samplingProbability, score),
      0,
    )
  return {
    scored: judged.length,
    weight: sum((w) => w),
    weightSquared: sum((w) => w * w),
    weightedValue: sum((w, f) => w * f),
    weightedValueSquared: sum((w, f) => w * f * f),
    weightSquaredValue: sum((w, f) => w * w * f),
    weightSquaredValueSquared: sum((w, f) => w * w * f * f),
  }
}
