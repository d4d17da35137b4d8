const dayMs = 86_400_000

/** Spending bound of one UTC day. Money is reserved before a request and settled after it. */
export interface JudgeBudget {
  readonly limitUsd: number
  /** Whether the amount was still free; it is held until settled. */
  reserve(usd: number): boolean
  /** Replaces a reservation by what was really spent. */
  settle(reservedUsd: number, spentUsd: number): void
  /** Money spent today before this process started, so that a restart does not open a new budget. */
  charge(usd: number): void
  spentTodayUsd(): number
}

/** @param now clock in epoch milliseconds */
export function openBudget(limitUsd: number, now: () => number): JudgeBudget {
  let day = dayOf(now())
  let spent = 0
  let reserved = 0
  const turn = () => {
    const today = dayOf(now())
    if (today !== day) {
      day = today
      spent = 0
    }
  }
  return {
    limitUsd,
    reserve(usd) {
      turn()
      if (spent + reserved + usd > limitUsd) return false
      reserved += usd
      return true
    },
    settle(reservedUsd, spentUsd) {
      turn()
      reserved = Math.max(0, reserved - reservedUsd)
      spent += spentUsd
    },
    charge(usd) {
      turn()
      spent += usd
    },
    spentTodayUsd() {
      turn()
      return spent
    },
  }
}

function dayOf(timeMs: number): number {
  return Math.floor(timeMs / dayMs)
}
