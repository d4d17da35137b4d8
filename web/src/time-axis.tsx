import type { JSX } from 'preact'
import { crosshairMs } from './crosshair.ts'
import { clock, dayOf, moment, zone } from './format.ts'
import { axis, board, plotWidth } from './page-state.ts'
import { timeTicks } from './scale.ts'

const day = 86_400_000

/** The one time axis: written above and below the lanes. */
export function TimeAxis({ zoned = false }: { readonly zoned?: boolean }): JSX.Element {
  const { fromMs, toMs } = axis.value
  const ticks = timeTicks(fromMs, toMs, plotWidth.value)
  const spacing = (ticks[1] ?? toMs) - (ticks[0] ?? fromMs)
  return (
    <div class="time-axis">
      <span class="zone">{zoned ? `time in ${zone(toMs)}` : ''}</span>
      <div class="ticks" aria-hidden="true">
        {ticks.map((tick) => (
          <span key={tick} style={{ left: placed(tick) }}>
            {tickText(tick, spacing)}
          </span>
        ))}
      </div>
    </div>
  )
}

/** Hairlines at the ticks, through every lane. */
export function TimeGrid(): JSX.Element {
  const { fromMs, toMs } = axis.value
  return (
    <>
      {timeTicks(fromMs, toMs, plotWidth.value).map((tick) => (
        <div key={tick} class="time-line" style={{ left: placed(tick) }} />
      ))}
    </>
  )
}

function placed(timeMs: number): string {
  const { fromMs, toMs } = axis.value
  return `${(((timeMs - fromMs) / (toMs - fromMs)) * 100).toFixed(3)}%`
}

function tickText(tick: number, spacing: number): string {
  if (spacing >= day) return dayOf(tick)
  const midnight = clock(tick) === '00:00'
  if (midnight) return dayOf(tick)
  return clock(tick, spacing < 60_000)
}

/** The vertical under the pointer through every lane, with its time. */
export function Crosshair(): JSX.Element | null {
  const time = crosshairMs.value
  const { fromMs, toMs } = axis.value
  if (time === null || time < fromMs || time > toMs) return null
  const side =
    time - fromMs > (toMs - fromMs) * 0.94
      ? 'end'
      : time - fromMs < (toMs - fromMs) * 0.06
        ? 'start'
        : 'middle'
  const stepMs = board.value?.stepMs ?? 60_000
  const text = toMs - fromMs > day ? moment(time) : clock(time, stepMs < 60_000)
  return (
    <div class="crosshair" style={{ left: placed(time) }}>
      <span class={`crosshair-time ${side}`}>{text}</span>
    </div>
  )
}
