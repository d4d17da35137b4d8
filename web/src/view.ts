// What the screen shows, as kept in the URL: a copied link is the same view.

export type TimeRange =
  | { readonly kind: 'last'; readonly name: RangeName }
  | { readonly kind: 'fixed'; readonly fromMs: number; readonly toMs: number }

const minuteMs = 60_000

export const rangeLengthsMs = {
  '5m': 5 * minuteMs,
  '15m': 15 * minuteMs,
  '1h': 60 * minuteMs,
  '6h': 360 * minuteMs,
  '24h': 1440 * minuteMs,
  '7d': 10_080 * minuteMs,
} as const

export type RangeName = keyof typeof rangeLengthsMs

export const rangeNames: readonly RangeName[] = ['5m', '15m', '1h', '6h', '24h', '7d']

export type Theme = 'auto' | 'light' | 'dark'

export interface View {
  readonly range: TimeRange
  /** Empty = all. */
  readonly models: readonly string[]
  /** Quality dimension of the quality lane. */
  readonly dimension: string
  readonly theme: Theme
}

export const defaultView: View = {
  range: { kind: 'last', name: '15m' },
  models: [],
  dimension: 'composite',
  theme: 'auto',
}

/** Reads the view from a URL's query; what is missing or malformed falls back to the default. */
export function parseView(search: string): View {
  const query = new URLSearchParams(search)
  const theme = query.get('theme')
  return {
    range: parseRange(query),
    models: (query.get('models') ?? '').split(',').filter(Boolean).map(unescapeComma),
    dimension: query.get('dim') || defaultView.dimension,
    theme: theme === 'light' || theme === 'dark' ? theme : 'auto',
  }
}

function parseRange(query: URLSearchParams): TimeRange {
  const fromMs = Number(query.get('from'))
  const toMs = Number(query.get('to'))
  if (fromMs > 0 && toMs > fromMs && toMs < 8.64e15) {
    return { kind: 'fixed', fromMs: Math.round(fromMs), toMs: Math.round(toMs) }
  }
  const name = rangeNames.find((candidate) => candidate === query.get('range'))
  return name === undefined ? defaultView.range : { kind: 'last', name }
}

/** Writes the view as a URL's query, `''` for the default view. */
export function formatView(view: View): string {
  const query = new URLSearchParams()
  if (view.range.kind === 'fixed') {
    query.set('from', String(view.range.fromMs))
    query.set('to', String(view.range.toMs))
  } else if (!sameRange(view.range, defaultView.range)) {
    query.set('range', view.range.name)
  }
  if (view.models.length > 0) query.set('models', view.models.map(escapeComma).join(','))
  if (view.dimension !== defaultView.dimension) query.set('dim', view.dimension)
  if (view.theme !== 'auto') query.set('theme', view.theme)
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

// A comma separates models, so one inside a name is written as %2C; `%` itself stays reversible.
const escapeComma = (name: string) => name.replaceAll('%', '%25').replaceAll(',', '%2C')
const unescapeComma = (text: string) => text.replaceAll('%2C', ',').replaceAll('%25', '%')

/** Whether two ranges show the same stretch of time. */
export function sameRange(a: TimeRange, b: TimeRange): boolean {
  if (a.kind === 'last') return b.kind === 'last' && a.name === b.name
  return b.kind === 'fixed' && a.fromMs === b.fromMs && a.toMs === b.toMs
}

/** Ends of a range in milliseconds. */
export function rangeEnds(range: TimeRange, nowMs: number): { fromMs: number; toMs: number } {
  if (range.kind === 'fixed') return { fromMs: range.fromMs, toMs: range.toMs }
  return { fromMs: nowMs - rangeLengthsMs[range.name], toMs: nowMs }
}

const stepsMs = [10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400].map(
  (s) => s * 1000,
)
const mostSteps = 300

/** Step in milliseconds that draws the stretch with at most 300 points; never below 10 s. */
export function stepFor(lengthMs: number): number {
  return stepsMs.find((step) => lengthMs / step <= mostSteps) ?? Math.ceil(lengthMs / mostSteps)
}

const shortestMs = 60_000
const longestMs = 90 * 86_400_000

/** The range scaled about its middle: factor below 1 zooms in; never under a minute or over 90 days. */
export function zoomed(ends: { fromMs: number; toMs: number }, factor: number): TimeRange {
  const length = ends.toMs - ends.fromMs
  const wanted = Math.min(longestMs, Math.max(shortestMs, length * factor))
  const middle = (ends.fromMs + ends.toMs) / 2
  return {
    kind: 'fixed',
    fromMs: Math.round(middle - wanted / 2),
    toMs: Math.round(middle + wanted / 2),
  }
}
