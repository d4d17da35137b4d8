// Spending bound of one UTC day. Money is held before each request and settled after it, so that what is under
// way can never carry the day over its bound; near the bound requests wait for each other instead of being dropped.
import { messageOf } from '../records/failure.ts'
import type { SpendRecord } from './spend-record.ts'

const dayMs = 86_400_000

export interface JudgeBudget {
  readonly limitUsd: number
  /**
   * Holds the most that a request can cost. Waits while only what others hold stands in the way.
   * Rejects when `signal` aborts.
   */
  hold(mostUsd: number, signal: AbortSignal): Promise<Hold | Refusal>
  /** Money that earlier processes are known to have spent today; the greatest of all claims counts, not their sum. */
  charge(usd: number): void
  spentTodayUsd(): number
  /** Writes down exactly what was spent. Nothing may be held any more. */
  close(): void
}

export interface Hold {
  readonly kind: 'held'
  /** Replaces what was held by what was spent. */
  settle(spentUsd: number): void
}

interface Refusal {
  readonly kind: 'refused'
  readonly reason: string
}

export interface BudgetOptions {
  /** Clock in epoch milliseconds. */
  readonly now: () => number
  /** Where spending outlives the process; without it a new process knows only what it is charged. */
  readonly record?: SpendRecord
}

export function openBudget(limitUsd: number, options: BudgetOptions): JudgeBudget {
  const { now, record } = options
  const state: BudgetState = {
    limitUsd,
    record,
    day: dayOf(now()),
    carried: record?.read(dayOf(now())) ?? 0,
    spent: 0,
    held: 0,
    leased: 0,
    overrun: 1,
    waiting: [],
  }
  const turn = () => turnDay(state, dayOf(now()))
  return {
    limitUsd,
    async hold(mostUsd, signal) {
      for (;;) {
        signal.throwIfAborted()
        turn()
        // A judge that has cost more than the most it could is held to cost so much more again.
        const usd = mostUsd * state.overrun
        const total = spentOf(state)
        if (total + usd > limitUsd) return { kind: 'refused', reason: usedUp(state) }
        if (total + state.held + usd <= limitUsd) return grant(state, { mostUsd, usd })
        await roomMade(state, signal)
      }
    },
    charge(usd) {
      turn()
      state.carried = Math.max(state.carried, usd)
    },
    spentTodayUsd() {
      turn()
      return spentOf(state)
    },
    close() {
      turn()
      writeDown(state, spentOf(state))
    },
  }
}

interface BudgetState {
  readonly limitUsd: number
  readonly record: SpendRecord | undefined
  /** UTC day since the epoch. */
  day: number
  /** Spent today before this process. */
  carried: number
  spent: number
  held: number
  /** What the record says may have been spent. */
  leased: number
  /** Greatest ratio of what a request cost to the most it should have cost; at least 1. */
  overrun: number
  waiting: (() => void)[]
}

const spentOf = (state: BudgetState) => state.carried + state.spent

function turnDay(state: BudgetState, today: number): void {
  if (today === state.day) return
  state.day = today
  state.carried = 0
  state.spent = 0
  state.leased = 0
}

function grant(
  state: BudgetState,
  { mostUsd, usd }: { readonly mostUsd: number; readonly usd: number },
): Hold | Refusal {
  const reason = leaseUpTo(state, spentOf(state) + state.held + usd)
  if (reason !== null) return { kind: 'refused', reason }
  state.held += usd
  let isSettled = false
  return {
    kind: 'held',
    settle(spentUsd) {
      if (isSettled) return
      isSettled = true
      state.held = Math.max(0, state.held - usd)
      state.spent += spentUsd
      // Midnight or an overrun may have left the lease behind.
      leaseUpTo(state, spentOf(state) + state.held)
      if (mostUsd > 0) state.overrun = Math.max(state.overrun, spentUsd / mostUsd)
      for (const wake of state.waiting.splice(0)) wake()
    },
  }
}

/**
 * Writes down that so much may be spent before it is: after a kill the day goes on from there. A hundredth of
 * the bound is taken at a time, so that the file is not written for each question.
 * @returns why it may not be spent, or `null`
 */
function leaseUpTo(state: BudgetState, usd: number): string | null {
  if (state.record === undefined || usd <= state.leased) return null
  const leased = Math.max(usd, Math.min(state.limitUsd, usd + state.limitUsd / 100))
  return writeDown(state, leased)
}

function writeDown(state: BudgetState, usd: number): string | null {
  try {
    state.record?.write(state.day, usd)
    state.leased = usd
    return null
  } catch (error) {
    return `the judge’s spending cannot be written down, so nothing more is spent: ${messageOf(error)}`
  }
}

function usedUp(state: BudgetState): string {
  const spent = spentOf(state).toFixed(4)
  return `the judge’s budget of ${state.limitUsd} $ a day is used up (${spent} $ spent)`
}

function roomMade(state: BudgetState, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const wake = () => {
      signal.removeEventListener('abort', leave)
      resolve()
    }
    const leave = () => {
      state.waiting = state.waiting.filter((other) => other !== wake)
      reject(signal.reason)
    }
    state.waiting.push(wake)
    signal.addEventListener('abort', leave, { once: true })
  })
}

function dayOf(timeMs: number): number {
  return Math.floor(timeMs / dayMs)
}
