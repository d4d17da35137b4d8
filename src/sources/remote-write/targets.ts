// What is known of each scraped target from the series that it sent: which system it is and which model it serves.
import type { SourceSystem } from '../../vocabulary/aliases/alias.ts'
import { createRecent } from '../import/recent.ts'
import { systemOfName } from './catalogue.ts'
import { modelLabel, targetName } from './target-place.ts'
import type { Labels } from './written-series.ts'

export interface Target {
  /** `null` = no name gave it away yet. */
  readonly system: SourceSystem | null
  /** `null` = no series named it yet. */
  readonly model: string | null
}

export interface Targets {
  /** Target of a series as far as it is known. */
  of(labels: Labels): Target
  /** Learns from a series; the answer says whether that changed what is known. */
  learn(labels: Labels): boolean
}

/** Nothing is known yet. */
export function createTargets(): Targets {
  const targets = createRecent<Target>(mostTargets)
  const of = (labels: Labels) => targets.get(keyOf(labels)) ?? unknownTarget
  return {
    of,
    learn(labels) {
      const system = systemOfName(labels['__name__'] ?? '')
      if (system === undefined) return false
      const known = of(labels)
      const model = system.target === 'copy' ? (known.model ?? modelLabel(labels)) : null
      if (known.system === system && known.model === model) return false
      targets.set(keyOf(labels), { system, model })
      return true
    },
  }
}

function keyOf(labels: Labels): string {
  return `${labels['job'] ?? ''}\n${targetName(labels)}`
}

const mostTargets = 20_000

const unknownTarget: Target = { system: null, model: null }
