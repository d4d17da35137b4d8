// What uPlot does not draw: hatched areas, intervals, thresholds, lone and hollow points.
import type uPlot from 'uplot'
import { lonePoints, runs } from './columns.ts'
import type { Band, Fill, Lane } from './lanes/lane.ts'
import { palette, type Palette } from './palette.ts'
import { fewAnswers } from './pooling.ts'

/** Draws what lies under the lines. */
export function drawFillsAndBands(u: uPlot, lane: Lane): void {
  const colours = palette.value
  if (colours === null) return
  clipped(u, () => {
    for (const fill of lane.fills) drawFill(u, lane, fill, colours)
    for (const band of lane.bands) drawBand(u, lane, band, colours)
    if (lane.threshold !== null) drawThreshold(u, lane.threshold, colours)
  })
}

/** Draws what lies over the lines: points that no line would show, and those that rest on few answers. */
export function drawPoints(u: uPlot, lane: Lane): void {
  const colours = palette.value
  if (colours === null) return
  clipped(u, () => {
    for (const line of lane.lines) {
      u.ctx.globalAlpha = line.stroke === 'light' ? 0.6 : 1
      u.ctx.fillStyle = colours.series[line.colour] ?? colours.ink
      for (const i of lonePoints(line.values)) dot(u, lane, i, line.values[i] ?? 0)
    }
    u.ctx.globalAlpha = 1
    const points = lane.bands.flatMap((band) => drawHollowPoints(u, lane, band, colours))
    labelPoints(u, points, colours)
  })
}

function clipped(u: uPlot, draw: () => void): void {
  u.ctx.save()
  u.ctx.beginPath()
  u.ctx.rect(u.bbox.left, 0, u.bbox.width, u.ctx.canvas.height)
  u.ctx.clip()
  draw()
  u.ctx.restore()
}

function drawFill(u: uPlot, lane: Lane, fill: Fill, colours: Palette): void {
  const paint = paintOf(u, fill.kind, colours)
  const base = u.bbox.top + u.bbox.height
  const y = (value: number) =>
    fill.top === undefined
      ? u.valToPos(value, 'y', true)
      : base - (value / fill.top) * u.bbox.height
  for (const [i, start] of lane.startsMs.entries()) {
    const upper = fill.upper[i] ?? null
    if (upper === null) continue
    const left = Math.round(u.valToPos(start, 'x', true))
    const right = Math.round(u.valToPos(start + lane.stepMs, 'x', true))
    const top = y(upper)
    const bottom = fill.lower === null ? base : y(fill.lower[i] ?? 0)
    if (bottom - top < 0.5) continue
    u.ctx.fillStyle = paint
    u.ctx.fillRect(left, top, right - left, bottom - top)
    if (fill.kind === 'traffic') continue
    u.ctx.fillStyle = fill.kind === 'active' ? colours.gpuActive : colours.quietInk
    u.ctx.fillRect(left, top, right - left, devicePixelRatio)
  }
}

function paintOf(u: uPlot, kind: Fill['kind'], colours: Palette): string | CanvasPattern {
  if (kind === 'active') return colours.gpuActive
  if (kind === 'traffic') return colours.traffic
  return kind === 'idle' ? hatch(u.ctx, colours.quietInk, 0.55) : 'transparent'
}

function drawBand(u: uPlot, lane: Lane, band: Band, colours: Palette): void {
  const colour = colours.series[band.colour] ?? colours.ink
  const few = (i: number) => (band.n[i] ?? 0) < fewAnswers
  for (const [first, last] of runs(band.value)) {
    for (let i = first; i < last; i++) {
      const sparse = few(i) || few(i + 1)
      u.ctx.globalAlpha = sparse ? 1 : 0.16
      u.ctx.fillStyle = sparse ? hatch(u.ctx, colour, 0.45) : colour
      segment(u, lane, band, i)
    }
    // A run of one point has no area: its interval is a whisker.
    u.ctx.strokeStyle = colour
    if (first === last) whisker(u, lane, band, first)
  }
  u.ctx.globalAlpha = 1
}

function segment(u: uPlot, lane: Lane, { lower, upper }: Band, i: number): void {
  const x = (index: number) => u.valToPos(lane.timesMs[index] ?? 0, 'x', true)
  const y = (value: number | null | undefined) => u.valToPos(value ?? 0, 'y', true)
  u.ctx.beginPath()
  u.ctx.moveTo(x(i), y(upper[i]))
  u.ctx.lineTo(x(i + 1), y(upper[i + 1]))
  u.ctx.lineTo(x(i + 1), y(lower[i + 1]))
  u.ctx.lineTo(x(i), y(lower[i]))
  u.ctx.fill()
}

function whisker(u: uPlot, lane: Lane, band: Band, i: number): void {
  const x = u.valToPos(lane.timesMs[i] ?? 0, 'x', true)
  u.ctx.globalAlpha = 0.5
  u.ctx.lineWidth = devicePixelRatio
  u.ctx.beginPath()
  u.ctx.moveTo(x, u.valToPos(band.lower[i] ?? 0, 'y', true))
  u.ctx.lineTo(x, u.valToPos(band.upper[i] ?? 0, 'y', true))
  u.ctx.stroke()
}

function drawThreshold(u: uPlot, threshold: number, colours: Palette): void {
  const y = Math.round(u.valToPos(threshold, 'y', true)) + 0.5
  u.ctx.strokeStyle = colours.threshold
  u.ctx.lineWidth = devicePixelRatio
  u.ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio])
  u.ctx.beginPath()
  u.ctx.moveTo(u.bbox.left, y)
  u.ctx.lineTo(u.bbox.left + u.bbox.width, y)
  u.ctx.stroke()
  u.ctx.setLineDash([])
  u.ctx.fillStyle = colours.threshold
  u.ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`
  u.ctx.textAlign = 'left'
  u.ctx.textBaseline = 'top'
  const label = `alert below ${threshold.toFixed(2)}`
  u.ctx.fillText(label, u.bbox.left + 6 * devicePixelRatio, y + 3 * devicePixelRatio)
}

interface Spot {
  readonly x: number
  readonly y: number
}

interface HollowPoint extends Spot {
  readonly n: number
}

function drawHollowPoints(u: uPlot, lane: Lane, band: Band, colours: Palette): HollowPoint[] {
  const points: HollowPoint[] = []
  for (const [i, n] of band.n.entries()) {
    const value = band.value[i] ?? null
    if (value === null || n >= fewAnswers) continue
    u.ctx.fillStyle = colours.ground
    u.ctx.strokeStyle = colours.series[band.colour] ?? colours.ink
    u.ctx.lineWidth = 1.4 * devicePixelRatio
    points.push({ ...dot(u, lane, i, value), n })
    u.ctx.stroke()
  }
  return points
}

// Labels only where there is room: the read-out has each n.
function labelPoints(u: uPlot, points: readonly HollowPoint[], colours: Palette): void {
  const labels: Spot[] = []
  for (const point of points) {
    const places = [-9, 10].map((shift) => ({ x: point.x, y: point.y + shift * devicePixelRatio }))
    const free = places.find(
      (place) =>
        place.y > u.bbox.top &&
        place.y < u.bbox.top + u.bbox.height &&
        !points.some((other) => other !== point && isNear(place, other, { x: 20, y: 8 })) &&
        !labels.some((other) => isNear(place, other, { x: 44, y: 12 })),
    )
    if (free === undefined) continue
    labels.push(free)
    writeLabel(u, `n ${point.n}`, free, colours)
  }
}

const isNear = (a: Spot, b: Spot, within: Spot) =>
  Math.abs(a.x - b.x) < within.x * devicePixelRatio &&
  Math.abs(a.y - b.y) < within.y * devicePixelRatio

function writeLabel(u: uPlot, text: string, { x, y }: Spot, colours: Palette): void {
  const right = u.bbox.left + u.bbox.width
  u.ctx.font = `${10 * devicePixelRatio}px system-ui, sans-serif`
  u.ctx.textAlign = x > right - 20 * devicePixelRatio ? 'right' : 'center'
  u.ctx.textBaseline = 'middle'
  // A halo in the colour of the ground keeps the label legible over lines.
  u.ctx.strokeStyle = colours.ground
  u.ctx.lineWidth = 3 * devicePixelRatio
  u.ctx.strokeText(text, x, y)
  u.ctx.fillStyle = colours.quietInk
  u.ctx.fillText(text, x, y)
}

function dot(u: uPlot, lane: Lane, i: number, value: number): Spot {
  const x = u.valToPos(lane.timesMs[i] ?? 0, 'x', true)
  const y = u.valToPos(value, 'y', true)
  u.ctx.beginPath()
  u.ctx.arc(x, y, (lane.bands.length > 0 ? 2.8 : 1.6) * devicePixelRatio, 0, 2 * Math.PI)
  u.ctx.fill()
  return { x, y }
}

const hatches = new Map<string, CanvasPattern | null>()

function hatch(
  ctx: CanvasRenderingContext2D,
  colour: string,
  alpha: number,
): CanvasPattern | string {
  const key = `${colour} ${alpha} ${devicePixelRatio}`
  let pattern = hatches.get(key)
  if (pattern === undefined) {
    pattern = ctx.createPattern(hatchTile(colour, alpha), 'repeat')
    hatches.set(key, pattern)
  }
  return pattern ?? colour
}

function hatchTile(colour: string, alpha: number): HTMLCanvasElement {
  const size = Math.round(5 * devicePixelRatio)
  const tile = document.createElement('canvas')
  tile.width = tile.height = size
  const ctx = tile.getContext('2d')
  if (ctx === null) return tile
  ctx.strokeStyle = colour
  ctx.globalAlpha = alpha
  ctx.lineWidth = devicePixelRatio * 0.9
  ctx.beginPath()
  for (const shift of [-size, 0, size]) {
    ctx.moveTo(shift, size)
    ctx.lineTo(shift + size, 0)
  }
  ctx.stroke()
  return tile
}
