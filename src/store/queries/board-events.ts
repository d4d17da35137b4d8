import type { Event } from '../../records/event.ts'
import type { Store } from '../store.ts'
import { modelWanted } from './board-window.ts'

export interface EventWindow {
  readonly project: string
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
  /** Empty means all; events of the whole fleet always belong. */
  readonly models: readonly string[]
  readonly limit: number
}

/** The newest events of a window, oldest first. */
export async function eventsWithin(store: Store, window: EventWindow): Promise<readonly Event[]> {
  const rows = await store.query<Event>(
    `SELECT project, event_id AS eventId, toUnixTimestamp64Milli(time) AS timeMs, kind, model,
      title, detail, attributes
    FROM events FINAL
    WHERE project = {project:String} AND (model = '' OR ${modelWanted})
      AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
      AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
    ORDER BY time DESC, event_id DESC LIMIT {limit:UInt32}`,
    {
      project: window.project,
      from: window.fromMs,
      to: window.toMs,
      models: window.models,
      limit: window.limit,
    },
  )
  return rows.toReversed()
}
