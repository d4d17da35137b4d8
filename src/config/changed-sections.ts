// What an edit of the file changes, so that a live reload restarts no more than it must.
import { isDeepStrictEqual } from 'node:util'
import type { Config } from './schema.ts'

export type ConfigSection = keyof Config

/** Sections that differ between two configurations, in the order of the schema's result. */
export function changedSections(before: Config, after: Config): ConfigSection[] {
  return sectionNames.filter((section) => !isDeepStrictEqual(before[section], after[section]))
}

/** Components by what happened to them: a segment that did not change keeps its queue and its calls. */
export function changedComponents(
  before: Config,
  after: Config,
): Readonly<Record<'added' | 'removed' | 'changed', readonly string[]>> {
  const former = new Map(before.fleet.components.map((component) => [component.name, component]))
  const names = after.fleet.components.map(({ name }) => name)
  return {
    added: names.filter((name) => !former.has(name)),
    removed: [...former.keys()].filter((name) => !names.includes(name)),
    changed: after.fleet.components
      .filter((component) => former.has(component.name))
      .filter((component) => !isDeepStrictEqual(component, former.get(component.name)))
      .map(({ name }) => name),
  }
}

/** Sections of `changed` that only a restart can put into force: listeners, directories and the store. */
export function needRestart(changed: readonly ConfigSection[]): ConfigSection[] {
  return changed.filter((section) => restartSections.includes(section))
}

const sectionNames = [
  'project',
  'dataDirectory',
  'server',
  'store',
  'spool',
  'gateway',
  'fleet',
  'scrape',
  'quality',
  'alerts',
] as const satisfies readonly ConfigSection[]

const restartSections: readonly ConfigSection[] = [
  'project',
  'dataDirectory',
  'server',
  'store',
  'spool',
]
