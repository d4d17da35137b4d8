// What the schema cannot know of the configured evaluators: whether their kinds exist and take these settings.
import { formatPath } from '../config/config-problem.ts'
import { nearest } from '../config/nearest.ts'
import type { Config } from '../config/schema.ts'
import { UserError } from '../records/failure.ts'
import { checkGolden } from './controls/golden-run.ts'
import { readGoldenSet } from './controls/golden-set.ts'
import { prepareProbes } from './controls/probe-run.ts'
import { judgeModel, planEvaluators } from './plan.ts'
import { dimensionOf, evaluators, findEvaluator } from './registry.ts'

/** What keeps evaluation from starting, one line each with its place: unknown kinds, wrong settings, twins. */
export function checkEvaluators(config: Pick<Config, 'quality'>): readonly string[] {
  const { quality } = config
  const wrong = quality.evaluators.flatMap((entry, index) => {
    const path = ['quality', 'evaluators', index]
    const evaluator = findEvaluator(entry.kind)
    if (evaluator === undefined) return [unknownKind(entry.kind, [...path, 'kind'])]
    const parsed = evaluator.config.safeParse(entry.config)
    if (parsed.success) return []
    return parsed.error.issues.map((issue) => {
      const at = formatPath([...path, 'config', ...issue.path.map((part) => keyOf(part))])
      return `${at}: ${entry.kind}: ${issue.message}; ${settingsOf(evaluator.config)}`
    })
  })
  const faults = [...wrong, ...twins(quality)]
  // The controls are built from the evaluators, so these must be right first.
  return faults.length > 0 ? faults : controlFaults(quality)
}

/** Whether golden set and probes can be used, as their start would find out. */
function controlFaults(quality: Config['quality']): readonly string[] {
  const { golden, probes } = quality
  try {
    if (golden !== undefined) checkGolden(readGoldenSet(golden.file), planEvaluators(quality).all)
    if (probes !== undefined) prepareProbes(probes, judgeModel(quality))
    return []
  } catch (error) {
    if (error instanceof UserError) return [error.message]
    throw error
  }
}

/** What is allowed but would surprise: a composite that no answer could ever have. */
export function evaluatorWarnings(config: Pick<Config, 'quality'>): readonly string[] {
  const { weights, minimumCoverage } = config.quality.composite
  const { evaluators: entries } = config.quality
  if (entries.length === 0) return []
  const fed = new Set(
    entries.map(({ kind, dimension }) => dimension ?? dimensionOf(kind) ?? 'unknown'),
  )
  const total = sumOf(Object.values(weights))
  const reachable = sumOf(
    Object.entries(weights).flatMap(([name, weight]) => (fed.has(name) ? [weight] : [])),
  )
  if (total === 0 || reachable >= minimumCoverage * total) return []
  const share = Math.round((reachable / total) * 100)
  return [
    `quality.composite.weights: the configured evaluators feed ${share} % of the weights, under minimumCoverage ${Math.round(minimumCoverage * 100)} %, so no answer would have a composite; give weights to what is fed: ${[...fed].join(', ')}`,
  ]
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

function unknownKind(kind: string, path: readonly (string | number)[]): string {
  const kinds = evaluators.map((evaluator) => evaluator.kind)
  const close = nearest(kind, kinds)
  const hint = close === undefined ? `there are ${kinds.join(', ')}` : `did you mean "${close}"?`
  return `${formatPath(path)}: there is no evaluator "${kind}"; ${hint}`
}

/** Symbols do not occur in paths of JSON. */
function keyOf(part: PropertyKey): string | number {
  return typeof part === 'symbol' ? String(part) : part
}

function settingsOf(schema: object): string {
  const shape = 'shape' in schema ? schema.shape : undefined
  const names = typeof shape === 'object' && shape !== null ? Object.keys(shape) : []
  return names.length === 0 ? 'it takes no settings' : `its settings are ${names.join(', ')}`
}

/** Two equal entries would score each answer twice under one name. */
function twins(quality: Config['quality']): string[] {
  const seen = new Map<string, number>()
  return quality.evaluators.flatMap((entry, index) => {
    const identity = JSON.stringify([entry.kind, entry.config, entry.models.toSorted()])
    const first = seen.get(identity)
    if (first !== undefined) {
      const at = formatPath(['quality', 'evaluators', index])
      return [`${at}: ${entry.kind} has the same settings as entry ${first}; remove one of the two`]
    }
    seen.set(identity, index)
    return []
  })
}
