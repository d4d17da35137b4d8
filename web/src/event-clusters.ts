// Events on the time axis: near ones share one mark, so that each mark can be hit.
import type { BoardEvent } from '../../src/api/contract.ts'

export interface EventCluster {
  /** Place on the axis from 0 to 1. */
  readonly place: number
  readonly timeMs: number
  readonly events: readonly BoardEvent[]
}

/** Groups events whose marks would lie closer than `gap` (a share of the axis); those outside are left out. */
export function clusterEvents(
  events: readonly BoardEvent[],
  axis: { readonly fromMs: number; readonly toMs: number },
  gap: number,
): readonly EventCluster[] {
  const length = axis.toMs - axis.fromMs
  const inside = events
    .filter((event) => event.timeMs >= axis.fromMs && event.timeMs <= axis.toMs)
    .toSorted((a, b) => a.timeMs - b.timeMs)
  const clusters: EventCluster[] = []
  for (const event of inside) {
    const place = (event.timeMs - axis.fromMs) / length
    const last = clusters.at(-1)
    if (last !== undefined && place - last.place < gap) {
      clusters[clusters.length - 1] = { ...last, events: [...last.events, event] }
    } else {
      clusters.push({ place, timeMs: event.timeMs, events: [event] })
    }
  }
  return clusters
}
