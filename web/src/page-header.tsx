import type { JSX } from 'preact'
import { togglePause } from './live.ts'
import { Sign } from './marks.tsx'
import { ModelFilter } from './model-filter.tsx'
import { isDark, showRange, showTheme } from './navigation.ts'
import * as state from './page-state.ts'
import { age, clock, dayOf } from './format.ts'
import { rangeNames } from './view.ts'

/** Name, stretch of time, models, freshness, theme, help. */
export function PageHeader(): JSX.Element {
  return (
    <header class="top">
      <h1>
        <Sign />
        Equipoise
      </h1>
      <RangePicker />
      <ModelFilter />
      <span class="spring" />
      {state.board.value !== null && (
        <span class="project" title="project">
          {state.board.value.project}
        </span>
      )}
      <LiveChip />
      <ThemeButton />
      <button
        type="button"
        class="quiet"
        aria-keyshortcuts="?"
        onClick={() => (state.dialog.value = 'help')}
      >
        Help <kbd>?</kbd>
      </button>
    </header>
  )
}

function RangePicker(): JSX.Element {
  const { range } = state.view.value
  return (
    <div class="ranges" role="group" aria-label="Time range">
      {rangeNames.map((name) => (
        <button
          type="button"
          key={name}
          aria-pressed={range.kind === 'last' && range.name === name}
          onClick={() => showRange({ kind: 'last', name })}
        >
          {name}
        </button>
      ))}
      <button
        type="button"
        aria-pressed={range.kind === 'fixed'}
        onClick={() => (state.dialog.value = 'range')}
      >
        {range.kind === 'fixed' ? stretch(range.fromMs, range.toMs) : 'custom…'}
      </button>
    </div>
  )
}

function stretch(fromMs: number, toMs: number): string {
  const short = toMs - fromMs < 600_000
  const day = toMs - fromMs > 86_400_000 || dayOf(fromMs) !== dayOf(Date.now())
  const from = `${day ? `${dayOf(fromMs)} ` : ''}${clock(fromMs, short)}`
  const to = dayOf(fromMs) === dayOf(toMs) ? '' : `${dayOf(toMs)} `
  return `${from} – ${to}${clock(toMs, short)}`
}

const staleAfterMs = 15_000

function LiveChip(): JSX.Element {
  const { kind, text } = liveness()
  return (
    <button
      type="button"
      class={`live ${kind}`}
      aria-pressed={state.paused.value}
      title={state.paused.value ? 'Paused: click to follow the present again' : 'Click to pause'}
      onClick={togglePause}
    >
      <span class="live-dot" aria-hidden="true" />
      {text}
    </button>
  )
}

function liveness(): { readonly kind: string; readonly text: string } {
  const connection = state.connection.value
  const arrived = state.arrivedMs.value
  const since = arrived === null ? 0 : Math.max(0, state.clockMs.value - arrived)
  if (state.paused.value) return { kind: 'paused', text: 'paused' }
  if (connection.kind === 'away') return { kind: 'offline', text: 'offline' }
  if (connection.kind === 'unauthorized') return { kind: 'offline', text: 'signed out' }
  if (connection.kind === 'connecting') return { kind: 'paused', text: 'connecting' }
  const { range } = state.view.value
  if (range.kind === 'fixed' && range.toMs < state.clockMs.value) {
    return { kind: 'paused', text: 'past' }
  }
  if (since > staleAfterMs) return { kind: 'stale', text: `stale ${age(since)}` }
  return { kind: 'fresh', text: `live ${age(since)}` }
}

function ThemeButton(): JSX.Element {
  // Reading the view here draws the button again when the theme changes.
  const dark = state.view.value.theme === 'auto' ? isDark() : state.view.value.theme === 'dark'
  return (
    <button
      type="button"
      class="quiet"
      aria-keyshortcuts="d"
      onClick={() => showTheme(dark ? 'light' : 'dark')}
    >
      {dark ? 'Light' : 'Dark'}
    </button>
  )
}
