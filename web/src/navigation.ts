// Changes of the view: each is one call, kept in the URL, and zooms can be undone.
import { crosshairMs, pointAt } from './crosshair.ts'
import { board, axis, currentEvent, view } from './page-state.ts'
import { readPalette } from './palette.ts'
import { defaultView, formatView, parseView, sameRange, zoomed } from './view.ts'
import type { Theme, TimeRange, View } from './view.ts'

const zoomedFrom: TimeRange[] = []

/** Follows the browser's back and forward, and shows the view that the URL names. */
export function followHistory(): void {
  applyTheme(view.value.theme)
  window.addEventListener('popstate', () => {
    view.value = parseView(location.search)
    zoomedFrom.length = 0
    applyTheme(view.value.theme)
  })
}

function change(next: View, how: 'push' | 'replace'): void {
  view.value = next
  const url = location.pathname + formatView(next) + location.hash
  if (how === 'push') history.pushState(null, '', url)
  else history.replaceState(null, '', url)
}

/** Shows another stretch of time; `0` leads back from it. */
export function showRange(range: TimeRange): void {
  if (sameRange(range, view.value.range)) return
  if (range.kind === 'fixed') zoomedFrom.push(view.value.range)
  else zoomedFrom.length = 0
  change({ ...view.value, range }, 'push')
}

/** Shows a dragged stretch, at least half a minute of it. */
export function brush(fromMs: number, toMs: number): void {
  const middle = (fromMs + toMs) / 2
  const half = Math.max(15_000, (toMs - fromMs) / 2)
  showRange({
    kind: 'fixed',
    fromMs: Math.round(middle - half),
    toMs: Math.round(middle + half),
  })
}

/** Undoes the last zoom; without one, goes back to the default stretch. */
export function zoomBack(): void {
  const range = zoomedFrom.pop() ?? defaultView.range
  if (!sameRange(range, view.value.range)) change({ ...view.value, range }, 'push')
}

/** Zooms about the middle; factor below 1 zooms in. */
export function zoom(factor: number): void {
  showRange(zoomed(axis.value, factor))
}

/** Draws only these models; none = all. */
export function filterModels(models: readonly string[]): void {
  change({ ...view.value, models }, 'replace')
}

/** Draws only this model, or all again when it already was alone. */
export function toggleOnly(model: string): void {
  const { models } = view.value
  filterModels(models.length === 1 && models[0] === model ? [] : [model])
}

/** Chooses the dimension of the quality lane. */
export function showDimension(dimension: string): void {
  change({ ...view.value, dimension }, 'replace')
}

/** Chooses the theme. */
export function showTheme(theme: Theme): void {
  change({ ...view.value, theme }, 'replace')
  applyTheme(theme)
}

function applyTheme(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
  readPalette()
}

/** Whether the page is dark now. */
export function isDark(): boolean {
  const { theme } = view.value
  if (theme !== 'auto') return theme === 'dark'
  return matchMedia('(prefers-color-scheme: dark)').matches
}

/** Moves the crosshair by steps of the board; it enters at the end. */
export function stepCrosshair(steps: number): void {
  const data = board.value
  if (data === null || data.timesMs.length === 0) return
  const first = data.timesMs[0] ?? data.fromMs
  const last = data.timesMs.at(-1) ?? data.toMs
  const from = crosshairMs.value ?? (steps < 0 ? last + data.stepMs : first - data.stepMs)
  pointAt(Math.min(last, Math.max(first, from + steps * data.stepMs)))
}

/** Puts the crosshair on the next event in a direction. */
export function stepEvent(direction: 1 | -1): void {
  const data = board.value
  if (data === null) return
  const { fromMs, toMs } = axis.value
  const events = data.events
    .filter((event) => event.timeMs >= fromMs && event.timeMs <= toMs)
    .toSorted((a, b) => a.timeMs - b.timeMs)
  const index = events.findIndex((event) => event.eventId === currentEvent.value)
  const start = direction > 0 ? 0 : events.length - 1
  const next = events[index < 0 ? start : index + direction]
  if (next === undefined) return
  currentEvent.value = next.eventId
  pointAt(next.timeMs)
}
