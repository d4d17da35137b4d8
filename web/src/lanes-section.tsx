import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { EventLane, EventLines } from './event-lane.tsx'
import { HeatStrip } from './heat-strip.tsx'
import { LaneRow } from './lane-row.tsx'
import type { Lane } from './lanes/lane.ts'
import { dimensionLabel } from './model-choice.ts'
import { showDimension, zoomBack } from './navigation.ts'
import { choice, dimension, dimensions, lanes, plotWidth } from './page-state.ts'
import { Crosshair, TimeAxis, TimeGrid } from './time-axis.tsx'

/** The aligned lanes under one time axis. */
export function LanesSection(): JSX.Element {
  const measure = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = measure.current
    if (element === null) return undefined
    const read = () => (plotWidth.value = Math.floor(element.clientWidth))
    const observer = new ResizeObserver(read)
    observer.observe(element)
    read()
    return () => observer.disconnect()
  }, [])
  const { leftOut, drawn } = choice.value
  return (
    <section class="lanes" aria-label="Lanes on one time axis" onDblClick={leaveZoom}>
      <div class="overlay under" ref={measure} aria-hidden="true">
        <TimeGrid />
        <EventLines />
      </div>
      <TimeAxis zoned />
      <EventLane />
      {lanes.value.map((lane) => (
        <LaneRow key={lane.id} lane={lane} control={lane.id === 'quality' && <DimensionPicker />}>
          {extra(lane)}
        </LaneRow>
      ))}
      <TimeAxis />
      <div class="overlay over" aria-hidden="true">
        <Crosshair />
      </div>
      {leftOut > 0 && (
        <p class="left-out">
          The lanes draw the {drawn.length} costliest models; {leftOut} more are in the table below.
          Filter to see them.
        </p>
      )}
    </section>
  )
}

// A hurried second click on a button is none on a chart.
function leaveZoom({ target }: MouseEvent): void {
  const chart = target instanceof Element && target.closest('.lane-chart, .heat') !== null
  if (chart) zoomBack()
}

const extra = (lane: Lane) => (lane.id === 'capacity' ? <HeatStrip /> : null)

function DimensionPicker(): JSX.Element | null {
  if (dimensions.value.length === 0) return null
  return (
    <select
      class="dimension"
      aria-label="Quality dimension"
      value={dimension.value}
      onChange={(event) => showDimension(event.currentTarget.value)}
    >
      {dimensions.value.map((name) => (
        <option key={name} value={name}>
          {dimensionLabel(name)}
        </option>
      ))}
    </select>
  )
}
