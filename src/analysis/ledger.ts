// The bill, minute by minute: each server's price is split over those who reserved its GPUs, and the rest is idle cost.
import type { Fleet, FleetNode, Gpu, GpuOwner } from '../fleet/fleet.ts'
import type { LedgerEntry } from '../records/ledger-entry.ts'

export interface LedgerInput {
  readonly project: string
  readonly fleet: Fleet
  /** Start of the minute, epoch milliseconds. */
  readonly minuteMs: number
  /** GPU id to the share 0..1 of the minute in which it did work; `null` or missing = not known. */
  readonly work: ReadonlyMap<string, number | null>
  /** Node to the share 0..1 of its price that serves everyone (judge, hub); missing = none. */
  readonly shared?: ReadonlyMap<string, number>
}

/**
 * Lines of the bill for one minute in US dollars. Amounts are whole nano-dollars, so the lines of a node sum to
 * its price of that minute exactly, and the 60 minutes of an hour to its hourly price.
 */
export function ledgerForMinute(input: LedgerInput): LedgerEntry[] {
  return input.fleet.nodes.flatMap((node) => nodeLines(input, node))
}

/** A node's price of one minute in whole nano-dollars; the remainder of the hour is spread over its minutes. */
export function minutePriceNanoUsd(usdPerHour: number, minuteMs: number): number {
  const perHour = nanoUsd(usdPerHour)
  const minuteOfHour = Math.floor(minuteMs / 60_000) % 60
  const until = (minutes: number) => Math.floor((perHour * minutes) / 60)
  return until(minuteOfHour + 1) - until(minuteOfHour)
}

/** US dollars to whole nano-dollars, the unit in which the ledger's sums are exact. */
export function nanoUsd(usd: number): number {
  return Math.round(usd * 1e9)
}

/**
 * Splits whole units by whole weights: largest remainder, earlier first on a tie, so the parts sum to `total`
 * exactly. Integers below 2^53 only, so that no step rounds.
 */
export function splitByWeight(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((partial, weight) => partial + weight, 0)
  const shares = weights.map((weight, index) => {
    const remainder = (total * weight) % sum
    return { index, remainder, floor: (total * weight - remainder) / sum }
  })
  const left = total - shares.reduce((partial, share) => partial + share.floor, 0)
  const lucky = shares
    .toSorted((a, b) => b.remainder - a.remainder || a.index - b.index)
    .slice(0, left)
  const lifted = new Set(lucky.map(({ index }) => index))
  return shares.map(({ floor, index }) => (lifted.has(index) ? floor + 1 : floor))
}

/** GPUs of one node that are charged to the same line: one component's, or nobody's. */
interface Holding {
  readonly owner: GpuOwner | null
  readonly gpus: readonly Gpu[]
}

function nodeLines(input: LedgerInput, node: FleetNode): LedgerEntry[] {
  const total = minutePriceNanoUsd(node.price.usdPerHour, input.minuteMs)
  const share = input.shared?.get(node.name) ?? 0
  if (!(share >= 0 && share <= 1)) {
    throw new RangeError(`shared share of node "${node.name}" must lie in 0..1, found ${share}`)
  }
  const shared = Math.round(total * share)
  const holdings = holdingsOf(node)
  const costs = splitByWeight(total - shared, weightsOf(holdings))
  const lines = holdings.map((holding, index) =>
    holdingLine(input, node, { ...holding, cost: costs[index] ?? 0 }),
  )
  return share === 0 ? lines : [...lines, sharedLine(input, node, shared)]
}

/** One holding a component, then the unreserved GPUs; a node without GPUs is wholly unreserved. */
function holdingsOf(node: FleetNode): Holding[] {
  const components = [...new Set(node.gpus.map((gpu) => gpu.owner?.component))]
  const reserved = components
    .filter((component) => component !== undefined)
    .map((component): Holding => {
      const gpus = node.gpus.filter((gpu) => gpu.owner?.component === component)
      return { owner: gpus[0]?.owner ?? null, gpus }
    })
  const free = node.gpus.filter((gpu) => gpu.owner === null)
  return free.length > 0 || reserved.length === 0
    ? [...reserved, { owner: null, gpus: free }]
    : reserved
}

/** GPUs of a node cost the same each; without GPUs the one idle holding takes all. */
function weightsOf(holdings: readonly Holding[]): number[] {
  return holdings.map((holding) => (holdings.length === 1 ? 1 : holding.gpus.length))
}

function holdingLine(
  input: LedgerInput,
  node: FleetNode,
  { owner, gpus, cost }: Holding & { readonly cost: number },
): LedgerEntry {
  const line = { ...lineOf(input, node, cost), gpus: gpus.length }
  if (owner === null) return { ...line, owner: 'idle' }
  const work = meanWork(gpus, input.work)
  return {
    ...line,
    owner: 'model',
    model: owner.model,
    component: owner.component,
    idleCostUsd: work === null ? null : Math.round(cost * (1 - work)) / 1e9,
  }
}

function sharedLine(input: LedgerInput, node: FleetNode, cost: number): LedgerEntry {
  return { ...lineOf(input, node, cost), owner: 'shared' }
}

/** What all lines have in common. No reserved GPU idles on an idle or shared line: 0 there is a fact. */
function lineOf(input: LedgerInput, node: FleetNode, cost: number): Omit<LedgerEntry, 'owner'> {
  return {
    project: input.project,
    minuteMs: input.minuteMs,
    node: node.name,
    model: '',
    component: '',
    gpus: 0,
    costUsd: cost / 1e9,
    idleCostUsd: 0,
    priceSource: node.price.source,
    priceDate: node.price.date,
  }
}

/** Mean share of work over equally priced GPUs; one unknown GPU makes the whole unknown. */
function meanWork(gpus: readonly Gpu[], work: LedgerInput['work']): number | null {
  const shares = gpus.map((gpu) => work.get(gpu.id) ?? null).filter((share) => share !== null)
  if (shares.length < gpus.length || shares.some((share) => Number.isNaN(share))) return null
  const sum = shares.reduce((partial, share) => partial + Math.min(1, Math.max(0, share)), 0)
  return sum / gpus.length
}
