// uPlot set up for a lane: same x for all, read-outs and time axis are drawn by the page.
import uPlot from 'uplot'
import { crosshairMs, type PointedChart } from './crosshair.ts'
import type { Lane, Line } from './lanes/lane.ts'
import { drawFillsAndBands, drawPoints } from './lane-ink.ts'
import { dashOf, palette } from './palette.ts'

/** Width of the value axis in CSS pixels; the style sheet knows it as --axis. */
export const axisWidth = 52

export interface LaneView {
  readonly lane: Lane
  readonly fromMs: number
  readonly toMs: number
  readonly width: number
  readonly height: number
}

export interface LanePlot extends PointedChart {
  update(view: LaneView): void
  destroy(): void
}

/** A chart in the host element; `onBrush` gets the ends of a dragged stretch in milliseconds. */
export function createLanePlot(
  host: HTMLElement,
  first: LaneView,
  onBrush: (fromMs: number, toMs: number) => void,
): LanePlot {
  let view = first
  let plot = build()

  function build(): uPlot {
    return new uPlot(
      optionsOf(() => view, onBrush),
      dataOf(view.lane),
      host,
    )
  }

  function point(timeMs: number | null): void {
    const left = timeMs === null ? -10 : plot.valToPos(timeMs, 'x')
    plot.setCursor({ left, top: left < 0 ? -10 : 0 }, false)
  }

  return {
    update(next) {
      const changed = shapeOf(next.lane) !== shapeOf(view.lane)
      const resized = next.width !== view.width || next.height !== view.height
      view = next
      if (changed) {
        plot.destroy()
        plot = build()
      } else {
        if (resized) plot.setSize({ width: next.width, height: next.height })
        plot.setData(dataOf(next.lane))
      }
      describe(plot, next.lane)
      if (!plot.over.matches(':hover')) point(crosshairMs.peek())
    },
    point,
    destroy: () => plot.destroy(),
  }
}

// What cannot change without a new uPlot.
const shapeOf = (lane: Lane) =>
  lane.lines.map((line) => `${line.colour}${line.stroke}`).join() + lane.fills.length

function dataOf(lane: Lane): uPlot.AlignedData {
  const columns = lane.lines.map((line) => [...line.values])
  return [[...lane.timesMs], ...columns]
}

function describe(plot: uPlot, lane: Lane): void {
  plot.ctx.canvas.setAttribute('role', 'img')
  plot.ctx.canvas.setAttribute('aria-label', lane.missing ?? lane.summary)
}

function optionsOf(
  view: () => LaneView,
  onBrush: (fromMs: number, toMs: number) => void,
): uPlot.Options {
  const { lane, width, height } = view()
  return {
    width,
    height,
    ms: 1,
    padding: [7, 0, 7, 0],
    legend: { show: false },
    scales: {
      x: { time: true, auto: false, range: () => [view().fromMs, view().toMs] },
      y: { auto: false, range: () => [view().lane.scale.min, view().lane.scale.max] },
    },
    axes: [
      { show: false },
      {
        size: axisWidth,
        stroke: () => palette.value?.quietInk ?? 'gray',
        font: '11px system-ui, sans-serif',
        gap: 6,
        ticks: { show: false },
        grid: { stroke: () => palette.value?.rule ?? 'gray', width: 1 },
        splits: () => [...view().lane.scale.ticks],
        values: (_, ticks) => ticks.map((tick) => view().lane.tick(tick)),
      },
    ],
    series: [{}, ...lane.lines.map(seriesOf)],
    cursor: {
      x: false,
      y: false,
      drag: { x: true, y: false, setScale: false, dist: 6 },
      points: { size: 7, width: 0 },
      sync: { key: 'board', scales: ['x', null] },
      // A double click leaves the zoom; the page does that for all lanes at once.
      bind: { dblclick: () => null },
    },
    hooks: {
      init: [(u) => describe(u, lane)],
      drawAxes: [(u) => drawFillsAndBands(u, view().lane)],
      draw: [(u) => drawPoints(u, view().lane)],
      setCursor: [(u) => readCursor(u)],
      setSelect: [(u) => readSelection(u, onBrush)],
    },
  }
}

const widths = { main: 1.6, light: 1, dashed: 1.2 }

function seriesOf(line: Line): uPlot.Series {
  const colour = () => palette.value?.series[line.colour] ?? 'gray'
  const dash = palette.value === null ? [] : dashOf(palette.value, line.colour)
  return {
    stroke: colour,
    width: widths[line.stroke],
    alpha: line.stroke === 'light' ? 0.6 : 1,
    dash: line.stroke === 'dashed' ? [3, 3] : dash,
    points: { show: false },
  }
}

function readCursor(plot: uPlot): void {
  const left = plot.cursor.left ?? -1
  if (!isUnderPointer(plot, left)) return
  crosshairMs.value = left < 0 ? null : plot.posToVal(left, 'x')
}

// Charts that only hear of another's pointer, or whose data moved under a crosshair set by key, say nothing.
function isUnderPointer(plot: uPlot, left: number): boolean {
  if (!hasEvent(plot)) return false
  return left < 0 || plot.over.matches(':hover')
}

const hasEvent = (plot: uPlot) => (plot.cursor.event ?? null) !== null

function readSelection(plot: uPlot, onBrush: (fromMs: number, toMs: number) => void): void {
  const { left, width } = plot.select
  // The other lanes hear of the same drag: only the one where it began speaks.
  if (width > 4 && hasEvent(plot)) {
    onBrush(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'))
  }
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
}
