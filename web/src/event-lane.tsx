import type { JSX } from 'preact'
import type { BoardEvent } from '../../src/api/contract.ts'
import { crosshairMs, pointAt } from './crosshair.ts'
import { clusterEvents, type EventCluster } from './event-clusters.ts'
import { clock, plural } from './format.ts'
import { EventMark } from './marks.tsx'
import { axis, board, currentEvent, plotWidth, view } from './page-state.ts'

// Marks are 24 pixels wide so that a finger can hit one.
const markWidth = 24

/** Events that concern the models under the filter, or the whole fleet. */
function shownEvents(): readonly BoardEvent[] {
  const { models } = view.value
  const events = board.value?.events ?? []
  if (models.length === 0) return events
  return events.filter((event) => event.model === '' || models.includes(event.model))
}

/** What changed, on the same time axis. */
export function EventLane(): JSX.Element {
  const clusters = clusterEvents(
    shownEvents(),
    axis.value,
    markWidth / Math.max(1, plotWidth.value),
  )
  return (
    <section class="lane events" aria-labelledby="name-events">
      <div class="lane-label">
        <h3 id="name-events">Events</h3>
      </div>
      <div class="event-marks">
        {clusters.map((cluster) => (
          <ClusterMark key={cluster.events[0]?.eventId} cluster={cluster} />
        ))}
      </div>
      <EventReadout clusters={clusters} />
    </section>
  )
}

function ClusterMark({ cluster }: { readonly cluster: EventCluster }): JSX.Element {
  const [first, ...rest] = cluster.events
  const titles = cluster.events.map(describe).join('; ')
  const current = cluster.events.some((event) => event.eventId === currentEvent.value)
  const choose = () => {
    currentEvent.value = first?.eventId ?? null
    pointAt(cluster.timeMs)
  }
  return (
    <button
      type="button"
      class="event"
      style={{ left: `${(cluster.place * 100).toFixed(3)}%` }}
      aria-label={titles}
      title={titles}
      aria-pressed={current}
      onClick={choose}
      onPointerEnter={choose}
    >
      <EventMark kind={first?.kind ?? ''} />
      {rest.length > 0 && <sup>{cluster.events.length}</sup>}
    </button>
  )
}

const describe = (event: BoardEvent) =>
  `${clock(event.timeMs)} ${event.title}${event.model === '' ? '' : ` (${event.model})`}`

function EventReadout({ clusters }: { readonly clusters: readonly EventCluster[] }): JSX.Element {
  const current = clusters.find(
    (cluster) =>
      crosshairMs.value !== null &&
      cluster.events.some((event) => event.eventId === currentEvent.value),
  )
  if (current === undefined) {
    const n = clusters.reduce((sum, cluster) => sum + cluster.events.length, 0)
    return (
      <p class="event-readout">
        {n === 0 ? 'nothing changed in this window' : plural(n, 'change')}
        {n > 0 && (
          <span class="hint">
            <kbd>[</kbd> <kbd>]</kbd> to walk
          </span>
        )}
      </p>
    )
  }
  return <p class="event-readout">{current.events.map(describe).join(' · ')}</p>
}

/** The events as thin verticals through every lane, and alerts as shaded stretches. */
export function EventLines(): JSX.Element {
  const { fromMs, toMs } = axis.value
  const place = (timeMs: number) =>
    Math.min(100, Math.max(0, ((timeMs - fromMs) / (toMs - fromMs)) * 100))
  const { models } = view.value
  const alerts = (board.value?.alerts ?? []).filter(
    (alert) =>
      (alert.state === 'firing' || alert.state === 'resolved') &&
      (models.length === 0 || models.includes(alert.model)),
  )
  return (
    <>
      {alerts.map((alert) => {
        const left = place(alert.startedAtMs)
        const right = alert.state === 'firing' ? 100 : place(alert.changedAtMs)
        return (
          <div
            key={alert.alertId}
            class={`alert-span ${alert.state}`}
            style={{ left: `${left}%`, width: `${right - left}%` }}
          />
        )
      })}
      {shownEvents()
        .filter((event) => event.timeMs >= fromMs && event.timeMs <= toMs)
        .map((event) => (
          <div
            key={event.eventId}
            class={`event-line ${event.kind} ${event.eventId === currentEvent.value ? 'current' : ''}`}
            style={{ left: `${place(event.timeMs)}%` }}
          />
        ))}
    </>
  )
}
