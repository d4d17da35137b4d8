// Who gives a canonical series where several source series could: one at a time, the most preferred.
import { createRecent } from '../import/recent.ts'
import type { WrittenSample } from './written-series.ts'

/** The right of one source to give a group of canonical series. */
export interface Claim {
  /** Whether this sample counts; taking over what is free or lesser happens here. */
  mayWrite(sample: WrittenSample, staleAfterMs: number): boolean
}

export interface Claimant {
  readonly holder: string
  /** The lowest is preferred. */
  readonly rank: number
}

export interface Claims {
  of(group: string, claimant: Claimant): Claim
}

interface Group {
  /** `null` = free. */
  owner: Claimant | null
  /** When the owner last gave a value (epoch ms). */
  lastMs: number
}

/** No group is held yet. */
export function createClaims(): Claims {
  const groups = createRecent<Group>(mostGroups)
  return {
    of(name, claimant) {
      const group = groups.get(name) ?? { owner: null, lastMs: 0 }
      groups.set(name, group)
      return { mayWrite: (sample, staleAfterMs) => mayWrite(group, claimant, sample, staleAfterMs) }
    },
  }
}

const mostGroups = 200_000

function mayWrite(
  group: Group,
  claimant: Claimant,
  { timeMs, isStale }: WrittenSample,
  staleAfterMs: number,
): boolean {
  const { owner } = group
  const isOwner = owner?.holder === claimant.holder
  if (!isOwner) {
    // Whoever ends gives nothing, so it displaces nobody.
    if (isStale) return false
    const isFree = owner === null || timeMs - group.lastMs > staleAfterMs
    if (!isFree && claimant.rank >= owner.rank) return false
  }
  group.owner = isStale ? null : claimant
  group.lastMs = Math.max(group.lastMs, timeMs)
  return true
}
