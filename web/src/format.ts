// Numbers as text. `null` is never written as a number: callers get `absent`.

/** What stands where there is no reading. */
export const absent = '–'

type Numeric = number | null | undefined

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** US dollars with enough digits to tell small amounts apart, e.g. `$5.75`, `$0.0042`, `$1,204`. */
export function usd(value: Numeric): string {
  if (value === null || value === undefined) return absent
  const size = Math.abs(value)
  if (size >= 1000) return `$${grouped.format(value)}`
  if (size === 0 || size >= 0.1) return `$${value.toFixed(2)}`
  return `$${value.toFixed(Math.min(8, 1 - Math.floor(Math.log10(size))))}`
}

/** A ratio as percent with two significant digits below 10, e.g. `31%`, `0.12%`. */
export function percent(ratio: Numeric): string {
  if (ratio === null || ratio === undefined) return absent
  const value = ratio * 100
  if (value === 0 || value >= 9.95) return `${value.toFixed(0)}%`
  if (value >= 0.995) return `${value.toFixed(1)}%`
  return value < 0.005 ? '<0.01%' : `${value.toFixed(2)}%`
}

/** Seconds as milliseconds below one second, e.g. `412 ms`, `2.31 s`, `12.4 s`, `3 min`. */
export function seconds(value: Numeric): string {
  if (value === null || value === undefined) return absent
  if (value < 0.9995) return `${(value * 1000).toFixed(0)} ms`
  if (value < 9.995) return `${value.toFixed(2)} s`
  if (value < 120) return `${value.toFixed(1)} s`
  return `${(value / 60).toFixed(0)} min`
}

/** A count with thousands separators, large ones rounded, e.g. `18,432`, `267k`, `12.4M`. */
export function count(value: Numeric): string {
  if (value === null || value === undefined) return absent
  if (value >= 999_500) return `${(value / 1e6).toFixed(1)}M`
  return value >= 100_000 ? `${(value / 1000).toFixed(0)}k` : grouped.format(value)
}

/** Events a second, e.g. `0.42/s`, `12.3/s`. */
export function perSecond(value: Numeric): string {
  if (value === null || value === undefined) return absent
  if (value >= 100) return `${value.toFixed(0)}/s`
  return `${value.toFixed(value >= 10 ? 1 : 2)}/s`
}

/** A score between 0 and 1, e.g. `0.86`. */
export function score(value: Numeric): string {
  return value === null || value === undefined ? absent : value.toFixed(2)
}

/** Bounds of an interval of scores, e.g. `0.82–0.89`; narrow ones keep the digit that tells them apart. */
export function bounds(lower: Numeric, upper: Numeric): string {
  if (lower === null || lower === undefined || upper === null || upper === undefined) return absent
  const digits = lower !== upper && lower.toFixed(2) === upper.toFixed(2) ? 3 : 2
  return `${lower.toFixed(digits)}–${upper.toFixed(digits)}`
}

/** Half the width of an interval of scores, e.g. `±0.02`; what would round to zero keeps its digit. */
export function halfWidth(lower: number, upper: number): string {
  const half = (upper - lower) / 2
  return `±${half >= 0.005 || half === 0 ? half.toFixed(2) : half.toFixed(3)}`
}

/** An age in milliseconds as its largest unit, e.g. `2 s`, `4 min`, `3 h`, `2 d`. */
export function age(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000))
  if (s < 90) return `${s} s`
  if (s < 5400) return `${Math.round(s / 60)} min`
  return s < 129_600 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86_400)} d`
}

/** A number of things with its noun, e.g. `1 model`, `2 models`. */
export function plural(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? '' : 's'}`
}

const two = (n: number) => String(n).padStart(2, '0')

/** Local time of day, e.g. `13:42`, with seconds where steps are shorter than a minute. */
export function clock(ms: number, withSeconds = false): string {
  const date = new Date(ms)
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`
  return withSeconds ? `${minutes}:${two(date.getSeconds())}` : minutes
}

const day = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' })

/** Local date, e.g. `Tue 24 Nov`. */
export function dayOf(ms: number): string {
  return day.format(ms).replace(',', '')
}

/** Local date and time, e.g. `Tue 24 Nov 13:42`. */
export function moment(ms: number, withSeconds = false): string {
  return `${dayOf(ms)} ${clock(ms, withSeconds)}`
}

/** Name of the local time zone, e.g. `UTC`, `GMT+2`. */
export function zone(ms: number): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' }).formatToParts(ms)
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? 'local time'
}
