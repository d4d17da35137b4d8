// Whether a control moved: evidence that may be looked at after every verdict, for ever.
import { addAnswer, safetyEValue, startSafetyEvidence } from '../../stats/safety-e-process.ts'

export interface ControlEvidence {
  readonly draws: number
  /** Draws that were as they should not be. */
  readonly deviations: number
  /** Evidence since the last time there was none; in 1 / `movedAt` draws it gets there by chance once at most. */
  readonly eValue: number
  /** Greatest evidence so far. */
  readonly greatest: number
  /** Start of the present state `moved` (epoch ms); `null` while the control is not moved. */
  readonly movedAtMs: number | null
  readonly state: 'moved' | 'steady' | 'unknown'
}

/** A draw of the control: items are drawn at random with replacement, which makes draws independent. */
export interface ControlDraw {
  readonly atMs: number
  readonly isDeviation: boolean
}

/** Evidence from which a control counts as moved: by chance that takes 10,000 draws on average. */
export const movedAt = 10_000
/** Fewer draws than this can show that a control moved, but not that it did not. */
const fewestDraws = 20

/**
 * Runs over the draws in order. The evidence starts again whenever it falls under 1 (an e-detector: Shin, Ramdas and
 * Rinaldo 2023), so that a long calm does not have to be paid back before a change is seen.
 * @param allowedRate share of deviations that is no change, in (0,1)
 */
export function controlEvidence(
  draws: readonly ControlDraw[],
  allowedRate: number,
): ControlEvidence {
  const calm = startSafetyEvidence(allowedRate)
  let evidence = calm
  let greatest = 0
  let movedAtMs: number | null = null
  let deviations = 0
  for (const { atMs, isDeviation } of draws) {
    evidence = addAnswer(evidence, isDeviation)
    if (isDeviation) deviations += 1
    const eValue = safetyEValue(evidence)
    greatest = Math.max(greatest, eValue)
    if (eValue >= movedAt) movedAtMs ??= atMs
    if (eValue >= 1) continue
    // No evidence is left: what had moved is back.
    evidence = calm
    movedAtMs = null
  }
  const enough = draws.length >= fewestDraws ? 'steady' : 'unknown'
  return {
    draws: draws.length,
    deviations,
    eValue: safetyEValue(evidence),
    greatest,
    movedAtMs,
    state: movedAtMs === null ? enough : 'moved',
  }
}
