import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { joinCrosshair } from './crosshair.ts'
import { axisWidth, createLanePlot, type LanePlot } from './lane-plot.ts'
import type { Lane } from './lanes/lane.ts'
import { brush } from './navigation.ts'
import { axis, plotWidth } from './page-state.ts'
import { palette } from './palette.ts'

/** A lane's chart; on new data only its columns are exchanged. */
export function LaneChart({
  lane,
  height,
}: {
  readonly lane: Lane
  readonly height: number
}): JSX.Element {
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<LanePlot | null>(null)
  const width = plotWidth.value + axisWidth
  const { fromMs, toMs } = axis.value
  const colours = palette.value

  useLayoutEffect(() => {
    if (host.current === null || width <= axisWidth) return
    const view = { lane, fromMs, toMs, width, height }
    if (plot.current === null) plot.current = createLanePlot(host.current, view, brush)
    else plot.current.update(view)
  }, [lane, fromMs, toMs, width, height, colours])

  useEffect(() => {
    const leave = joinCrosshair({ point: (timeMs) => plot.current?.point(timeMs) })
    return () => {
      leave()
      plot.current?.destroy()
      plot.current = null
    }
  }, [])

  return (
    <div class="lane-chart" style={{ height: `${height}px` }}>
      <div ref={host} />
      {lane.missing !== null && <p class="missing">{lane.missing}</p>}
    </div>
  )
}
