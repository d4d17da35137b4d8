// Prometheus' text format as Python's client writes it: labels by name, floats with a decimal point.

export type Labels = Readonly<Record<string, string>>

export interface Histogram {
  observe(value: number): void
  readonly buckets: readonly number[]
  /** Observations a bucket, not cumulative; the last is above all buckets. */
  counts(): readonly number[]
  sum(): number
}

/** A histogram with the given upper bounds, ascending. */
export function createHistogram(buckets: readonly number[]): Histogram {
  const counts = Array.from({ length: buckets.length + 1 }, () => 0)
  let total = 0
  return {
    buckets,
    observe: (value) => {
      const found = buckets.findIndex((bound) => value <= bound)
      const index = found === -1 ? buckets.length : found
      counts[index] = (counts[index] ?? 0) + 1
      total += value
    },
    counts: () => counts,
    sum: () => total,
  }
}

/** HELP, TYPE and one line for each labelled value. */
export function exposeValues(
  metric: { readonly name: string; readonly help: string; readonly type: 'gauge' | 'counter' },
  values: readonly (readonly [Labels, number])[],
): string {
  const lines = values.map(([labels, value]) => `${metric.name}${braces(labels)} ${float(value)}`)
  return `${heading(metric)}${lines.join('\n')}\n`
}

/** HELP, TYPE, cumulative buckets, count and sum. */
export function exposeHistogram(
  metric: { readonly name: string; readonly help: string },
  labels: Labels,
  histogram: Histogram,
): string {
  let seen = 0
  const buckets = histogram.counts().map((count, index) => {
    seen += count
    const bound = histogram.buckets[index]
    const le = bound === undefined ? '+Inf' : float(bound)
    return `${metric.name}_bucket${braces({ ...labels, le })} ${float(seen)}`
  })
  const rest = [
    `${metric.name}_count${braces(labels)} ${float(seen)}`,
    `${metric.name}_sum${braces(labels)} ${float(histogram.sum())}`,
  ]
  return `${heading({ ...metric, type: 'histogram' })}${[...buckets, ...rest].join('\n')}\n`
}

function heading(metric: { readonly name: string; readonly help: string; readonly type: string }) {
  return `# HELP ${metric.name} ${metric.help}\n# TYPE ${metric.name} ${metric.type}\n`
}

function braces(labels: Labels): string {
  const pairs = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${pairs.map(([key, value]) => `${key}="${escape(value)}"`).join(',')}}`
}

function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function float(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? value.toFixed(1) : String(value)
}
