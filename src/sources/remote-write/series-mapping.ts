// From written series to samples of canonical series. Labels are looked at once: what became of them is remembered.
import type { Fleet } from '../../fleet/fleet.ts'
import type { Sample } from '../../records/sample.ts'
import { createRecent } from '../import/recent.ts'
import { meaningsOf } from './catalogue.ts'
import { createClaims } from './claims.ts'
import { outputsOf, sampleOf, type Output, type PlanContext } from './series-plan.ts'
import { fleetAddresses } from './target-place.ts'
import { createTargets, type Targets } from './targets.ts'
import {
  mostLabelBytes,
  type Labels,
  type MetricMetadata,
  type WrittenRequest,
  type WrittenSample,
  type WrittenSeries,
} from './written-series.ts'

export interface MappingOptions {
  readonly project: string
  readonly fleet: Fleet
  /** Age at which a source that says nothing gives up its place to another. */
  readonly staleAfterMs: number
}

export interface Mapped {
  readonly samples: readonly Sample[]
  /** Written samples that were kept, those that a preferred source already gives included. */
  readonly written: number
  readonly refused: number
  /** Why the first of the refused ones was. */
  readonly reason: string
}

export interface SeriesMapping {
  /** @param nowMs epoch milliseconds; samples of a later day are refused */
  map(request: WrittenRequest, nowMs: number): Mapped
  /** What was decided for the series with this key; `null` = it is refused, or was not met lately. */
  planOf(key: string): Plan | null
  /** Counts what was learned of targets: a plan with another epoch than this may have become another. */
  epoch(): number
  /** Counts how often a canonical series got a second source: what was uncontested before may not be any more. */
  contests(): number
}

/** A mapping that has seen nothing yet. It remembers at most `mostSeries` series. */
export function createSeriesMapping({
  project,
  fleet,
  staleAfterMs,
}: MappingOptions): SeriesMapping {
  const context: PlanContext = {
    project,
    addresses: fleetAddresses(fleet),
    claims: createClaims(),
  }
  const targets = createTargets()
  const plans = createRecent<Decision>(mostSeries, mostPlanWeight)
  const metadata = createRecent<MetricMetadata>(mostFamilies)
  const state = { context, targets, plans, metadata, epoch: 0 }
  return {
    map(request, nowMs) {
      for (const [family, one] of request.metadata) metadata.set(family, one)
      const known = learn(state, request.series)
      const mapped: Mutable = { samples: [], written: 0, refused: 0, reason: '' }
      for (const [index, series] of request.series.entries()) {
        if (series.samples.length === 0) continue
        const plan = planOf(state, series, known[index])
        for (const sample of series.samples) {
          add(mapped, plan, sample, { staleAfterMs, nowMs })
        }
      }
      return mapped
    },
    planOf(key) {
      const plan = plans.get(key)
      return plan === undefined || 'refusal' in plan ? null : plan
    },
    epoch: () => state.epoch,
    contests: () => context.claims.contests(),
  }
}

/** Whether a time (epoch ms) can be that of a sample: from the year 2000 to a day after now. */
export function isPlausibleTime(timeMs: number, nowMs: number): boolean {
  return timeMs >= earliestMs && timeMs <= nowMs + mostAheadMs
}

const mostSeries = 200_000
const mostPlanWeight = 64 * 1_024 * 1_024
const mostFamilies = 20_000
const earliestMs = Date.UTC(2000, 0, 1)
const mostAheadMs = 86_400_000

/** What becomes of the samples of a series. */
export interface Plan {
  readonly outputs: readonly Output[]
  /** What was known of the targets when it was made; `null` = more cannot be learned. */
  readonly epoch: number | null
}

type Decision = Plan | { readonly refusal: string }

interface State {
  readonly context: PlanContext
  readonly targets: Targets
  readonly plans: ReturnType<typeof createRecent<Decision>>
  readonly metadata: ReturnType<typeof createRecent<MetricMetadata>>
  /** Counts what was learned of targets. */
  epoch: number
}

type Mutable = { -readonly [Key in keyof Mapped]: Mapped[Key] } & { samples: Sample[] }

/**
 * What is known of each series: its plan, or its labels where it is new. All labels are read before any series is
 * placed, since one may tell where another belongs.
 */
function learn(state: State, series: readonly WrittenSeries[]): readonly (Decision | NewSeries)[] {
  return series.map(({ key, readLabels }) => {
    if (key === null) return tooLong
    const plan = state.plans.get(key)
    if (plan !== undefined) return plan
    const labels = readLabels()
    if (state.targets.learn(labels)) state.epoch += 1
    return { key, labels }
  })
}

interface NewSeries {
  readonly key: string
  readonly labels: Labels
}

const tooLong: Decision = {
  refusal: `the labels of a series take more than ${mostLabelBytes} bytes`,
}

function planOf(
  state: State,
  series: WrittenSeries,
  known: Decision | NewSeries | undefined,
): Decision {
  const { key, readLabels } = series
  if (known === undefined || key === null) return tooLong
  if (!('labels' in known) && !isOutdated(known, state.epoch)) return known
  const labels = 'labels' in known ? known.labels : readLabels()
  const plan = makePlan(state, series, { key, labels })
  state.plans.set(key, plan, key.length + weightOf(labels))
  return plan
}

/** Characters that the labels take; a plan keeps them. */
function weightOf(labels: Labels): number {
  return Object.entries(labels).reduce((sum, [name, value]) => sum + name.length + value.length, 0)
}

function isOutdated(plan: Decision, epoch: number): boolean {
  return 'epoch' in plan && plan.epoch !== null && plan.epoch !== epoch
}

function makePlan(state: State, { metadata }: WrittenSeries, { key, labels }: NewSeries): Decision {
  const name = labels['__name__'] ?? ''
  if (name === '')
    return { refusal: `a series has no name (label __name__), only ${shown(labels)}` }
  const target = state.targets.of(labels)
  const known = metadata ?? state.metadata.get(familyOf(name)) ?? state.metadata.get(name) ?? null
  const outputs = outputsOf(state.context, { key, labels, target, metadata: known })
  const mayLearn =
    meaningsOf(name).length > 0 &&
    (target.system === null || (target.system.target === 'copy' && target.model === null))
  return { outputs, epoch: mayLearn ? state.epoch : null }
}

function familyOf(name: string): string {
  return name.replace(/_(?:total|bucket|count|sum|info)$/, '')
}

function shown(labels: Labels): string {
  const text = JSON.stringify(labels)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

function add(
  mapped: Mutable,
  plan: Decision,
  sample: WrittenSample,
  { staleAfterMs, nowMs }: { readonly staleAfterMs: number; readonly nowMs: number },
): void {
  const refusal = 'refusal' in plan ? plan.refusal : timeRefusal(sample, nowMs)
  if (refusal !== null) {
    mapped.refused += 1
    if (mapped.reason === '') mapped.reason = refusal
    return
  }
  mapped.written += 1
  if ('refusal' in plan) return
  for (const output of plan.outputs) {
    const made = sampleOf(output, sample, staleAfterMs)
    if (made !== null) mapped.samples.push(made)
  }
}

function timeRefusal({ timeMs }: WrittenSample, nowMs: number): string | null {
  if (isPlausibleTime(timeMs, nowMs)) return null
  return `a timestamp is ${timeMs}, expected epoch milliseconds from the year 2000 to tomorrow`
}
