// The alias catalogue by exported name: remote write brings series one by one, not a whole page of a target.
import type { Alias, SourceSystem } from '../../vocabulary/aliases/alias.ts'
import { sourceSystems } from '../../vocabulary/aliases/registry.ts'
import { nameOfPart, partsOf, type Part } from '../prometheus/readings.ts'

/** What a name may mean. */
export interface Meaning {
  readonly system: SourceSystem
  readonly alias: Alias
  readonly part: Part
  /** Name in the catalogue, without the part of a histogram. */
  readonly name: string
  /** Among the names of one metric the lowest is preferred. */
  readonly rank: number
  /** Programs of other kinds use this name too, so it means this only where the target is known to be the system. */
  readonly isCommonName: boolean
}

/** Everything that an exported name may mean; empty for names that no system of the catalogue has. */
export function meaningsOf(name: string): readonly Meaning[] {
  return byName.get(name) ?? []
}

/** The system that a name gives away. */
export function systemOfName(name: string): SourceSystem | undefined {
  return sourceSystems.find((system) => system.namePattern.test(name))
}

const namesOf = (alias: Alias) => [alias.name, ...(alias.formerNames ?? [])]

const byName = new Map<string, Meaning[]>()

for (const system of sourceSystems) {
  const names = system.aliases.flatMap((alias) => namesOf(alias).map((name) => ({ alias, name })))
  for (const [rank, { alias, name }] of names.entries()) {
    const isCommonName = !system.namePattern.test(name)
    for (const part of partsOf(alias)) {
      const meaning = { system, alias, part, name, rank, isCommonName }
      const exported = nameOfPart(alias, name, part)
      byName.set(exported, [...(byName.get(exported) ?? []), meaning])
    }
  }
}
