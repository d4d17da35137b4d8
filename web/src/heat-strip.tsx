import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Board, BoardGpu } from '../../src/api/contract.ts'
import { freshSteps, latest } from './columns.ts'
import { crosshairMs, pointAt } from './crosshair.ts'
import { percent, plural } from './format.ts'
import { axisWidth } from './lane-plot.ts'
import { at } from './lanes/lane.ts'
import { NoData } from './marks.tsx'
import { axis, board, choice, plotWidth, view } from './page-state.ts'
import { palette, type Palette } from './palette.ts'
import { indexAt } from './scale.ts'

/** Duty of each GPU over time: one row a GPU, darker = busier, hatched = no reading. */
export function HeatStrip(): JSX.Element | null {
  const data = board.value
  const canvas = useRef<HTMLCanvasElement>(null)
  const gpus = data === null ? [] : shownGpus(data, view.value.models)
  const rowHeight = rowHeightOf(gpus.length)
  const height = gpus.length * rowHeight
  const width = plotWidth.value + axisWidth
  const { fromMs, toMs } = axis.value
  const colours = palette.value
  const { drawn } = choice.value

  useLayoutEffect(() => {
    if (canvas.current === null || data === null || colours === null) return
    const owners = new Map(drawn.map(({ model, colour }) => [model.model, colour]))
    draw(canvas.current, { data, gpus, rowHeight, width, height, fromMs, toMs, colours, owners })
  }, [data, gpus.length, width, height, fromMs, toMs, colours, drawn])

  if (data === null || gpus.length === 0) return null
  const move = (event: PointerEvent) => {
    const share = (event.offsetX - axisWidth) / Math.max(1, width - axisWidth)
    pointAt(share < 0 ? null : fromMs + share * (toMs - fromMs))
  }
  return (
    <>
      <div class="heat">
        <canvas
          ref={canvas}
          role="img"
          aria-label={summaryOf(gpus)}
          style={{ width: `${width}px`, height: `${height}px` }}
          onPointerMove={move}
          onPointerLeave={() => pointAt(null)}
        />
      </div>
      <HeatReadout data={data} gpus={gpus} rowHeight={rowHeight} />
    </>
  )
}

/** GPUs of the models under the filter, and those that nobody reserved. */
function shownGpus(data: Board, models: readonly string[]): readonly BoardGpu[] {
  const shown = data.gpus.filter(
    (gpu) => models.length === 0 || gpu.model === null || models.includes(gpu.model),
  )
  return shown.toSorted((a, b) => (a.node < b.node ? -1 : a.node > b.node ? 1 : a.index - b.index))
}

function rowHeightOf(count: number): number {
  if (count <= 8) return 14
  if (count <= 16) return 11
  return count <= 48 ? 5 : 3
}

function summaryOf(gpus: readonly BoardGpu[]): string {
  const busy = gpus.map((gpu) => `${nameOf(gpu)} ${percent(latest(gpu.duty, freshSteps))}`)
  const rest = busy.length > 8 ? `, and ${busy.length - 8} more` : ''
  return `Duty of ${plural(gpus.length, 'GPU')} over time; at the end ${busy.slice(0, 8).join(', ')}${rest}.`
}

const nameOf = (gpu: BoardGpu) => `gpu ${gpu.index}`

interface Sheet {
  readonly data: Board
  readonly gpus: readonly BoardGpu[]
  readonly rowHeight: number
  readonly width: number
  readonly height: number
  readonly fromMs: number
  readonly toMs: number
  readonly colours: Palette
  readonly owners: ReadonlyMap<string, number>
}

function draw(canvas: HTMLCanvasElement, sheet: Sheet): void {
  canvas.width = Math.round(sheet.width * devicePixelRatio)
  canvas.height = Math.round(sheet.height * devicePixelRatio)
  const ctx = canvas.getContext('2d')
  if (ctx === null) return
  ctx.scale(devicePixelRatio, devicePixelRatio)
  for (const [row, gpu] of sheet.gpus.entries()) {
    const top = row * sheet.rowHeight
    const inner = Math.max(1, sheet.rowHeight - (sheet.rowHeight > 4 ? 2 : 0.5))
    drawOwner(ctx, gpu, { top, inner }, sheet)
    drawDuty(ctx, gpu, { top, inner }, sheet)
  }
}

interface Row {
  readonly top: number
  readonly inner: number
}

function drawOwner(ctx: CanvasRenderingContext2D, gpu: BoardGpu, row: Row, sheet: Sheet): void {
  const { colours, owners } = sheet
  const owner = gpu.model === null ? undefined : owners.get(gpu.model)
  if (owner !== undefined) {
    ctx.fillStyle = colours.series[owner] ?? colours.ink
    ctx.fillRect(axisWidth - 4, row.top, 3, row.inner)
  }
  if (sheet.rowHeight < 11) return
  ctx.fillStyle = colours.quietInk
  ctx.font = '11px system-ui, sans-serif'
  ctx.textAlign = 'right'
  ctx.textBaseline = 'middle'
  ctx.fillText(nameOf(gpu), axisWidth - 9, row.top + row.inner / 2 + 0.5)
}

function drawDuty(ctx: CanvasRenderingContext2D, gpu: BoardGpu, row: Row, sheet: Sheet): void {
  const { data, colours, fromMs, toMs } = sheet
  const scale = (sheet.width - axisWidth) / (toMs - fromMs)
  // Whole pixels: no seams between cells.
  const x = (timeMs: number) => axisWidth + Math.round(Math.max(0, (timeMs - fromMs) * scale))
  for (const [i, start] of data.timesMs.entries()) {
    const left = x(start)
    const cell = Math.min(sheet.width, x(start + data.stepMs)) - left
    const duty = at(gpu.duty, i)
    if (duty === null) {
      ctx.fillStyle = colours.rule
      ctx.fillRect(left, row.top + row.inner / 2 - 0.5, cell, 1)
      continue
    }
    ctx.globalAlpha = 1
    ctx.fillStyle = colours.dutyLow
    ctx.fillRect(left, row.top, cell, row.inner)
    ctx.globalAlpha = Math.min(1, Math.max(0, duty))
    ctx.fillStyle = colours.dutyHigh
    ctx.fillRect(left, row.top, cell, row.inner)
    ctx.globalAlpha = 1
  }
}

function HeatReadout(props: {
  readonly data: Board
  readonly gpus: readonly BoardGpu[]
  readonly rowHeight: number
}): JSX.Element {
  const { data, gpus, rowHeight } = props
  const time = crosshairMs.value
  const duty = (gpu: BoardGpu) =>
    time === null ? latest(gpu.duty, freshSteps) : at(gpu.duty, indexAt(data.timesMs, time))
  if (rowHeight < 11) {
    const read = gpus.map(duty).filter((value) => value !== null)
    const mean = read.length === 0 ? null : read.reduce((a, b) => a + b, 0) / read.length
    return (
      <p class="heat-readout">
        mean duty of {plural(read.length, 'GPU')}{' '}
        <b>{mean === null ? <NoData /> : percent(mean)}</b>
      </p>
    )
  }
  return (
    <ul class="heat-readout">
      {gpus.map((gpu) => (
        <li key={gpu.id} style={{ height: `${rowHeight}px`, lineHeight: `${rowHeight - 2}px` }}>
          <span class="name">{gpu.model ?? 'unreserved'}</span>
          <b>{duty(gpu) === null ? <NoData /> : percent(duty(gpu))}</b>
        </li>
      ))}
    </ul>
  )
}
