// Evidence that answers fail more often than is allowed, which may be looked at after every answer.

/** Running evidence; plain data, so that it can be stored and taken up again. */
export interface SafetyEvidence {
  /** Failure rate that is allowed, in (0, 1). */
  readonly allowedRate: number
  /** Capital of each bet. */
  readonly capital: readonly number[]
  readonly answers: number
  readonly failures: number
}

/** Each bet is on a failure rate this many times the allowed one. */
const betFactors = [1.5, 2, 3, 5, 10]

/** Nothing seen yet. */
export function startSafetyEvidence(allowedRate: number): SafetyEvidence {
  if (!(allowedRate > 0 && allowedRate < 1)) {
    throw new RangeError(`an allowed failure rate lies in (0,1), not ${allowedRate}`)
  }
  const capital = bets(allowedRate).map(() => 1)
  return { allowedRate, capital, answers: 0, failures: 0 }
}

/**
 * One more answer. The mean capital is an e-process under "the failure rate is at most the allowed one"
 * (mixture of likelihood ratios, Waudby-Smith and Ramdas 2024): it reaches 1 / alpha at any time with
 * probability alpha at most.
 */
export function addAnswer(evidence: SafetyEvidence, failed: boolean): SafetyEvidence {
  const { allowedRate, capital, answers, failures } = evidence
  const factors = bets(allowedRate).map((rate) =>
    failed ? rate / allowedRate : (1 - rate) / (1 - allowedRate),
  )
  return {
    allowedRate,
    capital: capital.map((money, index) => money * (factors[index] ?? 1)),
    answers: answers + 1,
    failures: failures + (failed ? 1 : 0),
  }
}

/** The e-value: how many times more the evidence speaks for too many failures than it should by chance. */
export function safetyEValue({ capital }: SafetyEvidence): number {
  return capital.reduce((sum, money) => sum + money, 0) / capital.length
}

/** Rates above 1 cannot be bet on; such a bet stays just below. */
function bets(allowedRate: number): number[] {
  return betFactors.map((factor) => Math.min(factor * allowedRate, (1 + allowedRate) / 2))
}
