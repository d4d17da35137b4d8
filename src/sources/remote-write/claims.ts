// Who gives a canonical series where several source series could: one at a time, the most preferred.
import { createRecent } from '../import/recent.ts'

/** The right of one source to give a group of canonical series. */
export interface Claim {
  /**
   * Whether a sample counts; taking over what is free or lesser happens here.
   * @param timeMs epoch milliseconds of the sample
   * @param isStale whether it says that its series ended
   * @param staleAfterMs age at which a silent owner gives up its place
   */
  mayWrite(timeMs: number, isStale: boolean, staleAfterMs: number): boolean
  /** The same, with nothing happening. */
  wouldWrite(timeMs: number, isStale: boolean, staleAfterMs: number): boolean
  /** Whether it is held and nobody else ever wanted it: until `contests` changes each sample but the last counts. */
  isUncontested(): boolean
  /** Says, for one that is uncontested, when its last sample was (epoch ms). */
  tell(timeMs: number): void
}

export interface Claimant {
  readonly holder: string
  /** The lowest is preferred. */
  readonly rank: number
}

export interface Claims {
  of(group: string, claimant: Claimant): Claim
  /** Counts how often a group got a second source. */
  contests(): number
}

interface Group {
  /** `null` = free. */
  owner: Claimant | null
  /** When the owner last gave a value (epoch ms). */
  lastMs: number
  /** Whoever wanted it first. */
  readonly first: string
  isContested: boolean
}

/** No group is held yet. */
export function createClaims(): Claims {
  const groups = createRecent<Group>(mostGroups)
  let contests = 0
  return {
    contests: () => contests,
    of(name, claimant) {
      const group = groups.get(name) ?? newGroup(claimant)
      groups.set(name, group)
      if (!group.isContested && group.first !== claimant.holder) {
        group.isContested = true
        contests += 1
      }
      return new GroupClaim(group, claimant)
    },
  }
}

const mostGroups = 200_000

function newGroup({ holder }: Claimant): Group {
  return { owner: null, lastMs: 0, first: holder, isContested: false }
}

/** A class, so that every claim runs the same code: it is asked once a sample. */
class GroupClaim implements Claim {
  readonly #group: Group
  readonly #claimant: Claimant

  constructor(group: Group, claimant: Claimant) {
    this.#group = group
    this.#claimant = claimant
  }

  isUncontested(): boolean {
    const { owner, isContested } = this.#group
    return !isContested && owner?.holder === this.#claimant.holder
  }

  tell(timeMs: number): void {
    this.#group.lastMs = Math.max(this.#group.lastMs, timeMs)
  }

  mayWrite(timeMs: number, isStale: boolean, staleAfterMs: number): boolean {
    if (!this.wouldWrite(timeMs, isStale, staleAfterMs)) return false
    const group = this.#group
    group.owner = isStale ? null : this.#claimant
    if (timeMs > group.lastMs) group.lastMs = timeMs
    return true
  }

  wouldWrite(timeMs: number, isStale: boolean, staleAfterMs: number): boolean {
    const claimant = this.#claimant
    const { owner, lastMs } = this.#group
    if (owner === claimant || owner?.holder === claimant.holder) return true
    // Whoever ends gives nothing, so it displaces nobody.
    if (isStale) return false
    return owner === null || timeMs - lastMs > staleAfterMs || claimant.rank < owner.rank
  }
}
