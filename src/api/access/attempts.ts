// Guessing tokens is made slow: after a few wrong ones an address waits, twice as long each time.

interface Entry {
  readonly failures: number
  readonly allowedAtMs: number
}

/** A person mistypes a few times; that costs nothing. */
const freeFailures = 5
const firstDelayMs = 1_000
const longestDelayMs = 60_000
const forgetAfterMs = 15 * 60_000
const mostAddresses = 10_000

export interface Attempts {
  /** Milliseconds until this address may present a token again; 0 = now. */
  waitMs(address: string): number
  failed(address: string): void
  succeeded(address: string): void
}

/** @param now epoch milliseconds */
export function createAttempts(now: () => number): Attempts {
  const entries = new Map<string, Entry>()
  const entryOf = (address: string): Entry | undefined => {
    const entry = entries.get(address)
    return entry !== undefined && now() - entry.allowedAtMs < forgetAfterMs ? entry : undefined
  }
  return {
    waitMs: (address) => Math.max(0, (entryOf(address)?.allowedAtMs ?? 0) - now()),
    failed: (address) => {
      const failures = (entryOf(address)?.failures ?? 0) + 1
      entries.delete(address)
      entries.set(address, { failures, allowedAtMs: now() + delayAfter(failures) })
      if (entries.size > mostAddresses) entries.delete(entries.keys().next().value ?? address)
    },
    succeeded: (address) => {
      entries.delete(address)
    },
  }
}

function delayAfter(failures: number): number {
  if (failures < freeFailures) return 0
  return Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - freeFailures))
}
