// Two processes speak the Prometheus text format; one page of it must name each family once.

export interface Exposition {
  /** Value of the label `process` where a family comes from several processes. */
  readonly process: string
  /** Prometheus text 0.0.4. */
  readonly text: string
}

interface Family {
  readonly headers: string[]
  readonly lines: string[]
}

/**
 * One text of several. A family that only one process exposes stays as it is; one that several expose
 * keeps the first's HELP and TYPE, and each of its series says which process it comes from.
 */
export function mergeExpositions(expositions: readonly Exposition[]): string {
  const parsed = expositions.map(({ process, text }) => ({ process, families: familiesOf(text) }))
  const names = new Set(parsed.flatMap(({ families }) => [...families.keys()]))
  const texts = [...names].flatMap((name) => {
    const holders = parsed.filter(({ families }) => families.has(name))
    const headers = holders.map(({ families }) => families.get(name)?.headers ?? [])
    const lines = holders.flatMap(({ process, families }) => {
      const own = families.get(name)?.lines ?? []
      return holders.length > 1 ? own.map((line) => withProcess(line, process)) : own
    })
    const chosen = headers.find((some) => some.length > 0) ?? []
    return isMisnamed(name, chosen) ? [] : [...chosen, ...lines]
  })
  return texts.map((line) => `${line}\n`).join('')
}

function familiesOf(text: string): Map<string, Family> {
  const families = new Map<string, Family>()
  const familyOf = (name: string): Family => {
    const family = families.get(name) ?? { headers: [], lines: [] }
    families.set(name, family)
    return family
  }
  let current = ''
  for (const line of text.split('\n')) {
    const header = /^# (?:HELP|TYPE) (\S+)/.exec(line)?.[1]
    if (header !== undefined) {
      current = header
      familyOf(header).headers.push(line)
    } else if (line !== '' && !line.startsWith('#')) {
      const name = /^[^\s{]+/.exec(line)?.[0] ?? ''
      if (!belongs(name, current)) current = name
      familyOf(current).lines.push(line)
    }
  }
  return families
}

/** prom-client's own gauges that end like counters; promtool complains of them and nobody needs them. */
function isMisnamed(name: string, headers: readonly string[]): boolean {
  return name.endsWith('_total') && headers.includes(`# TYPE ${name} gauge`)
}

/** Histograms and summaries carry suffixes on the family's name. */
function belongs(sample: string, family: string): boolean {
  return ['', '_bucket', '_sum', '_count'].some((suffix) => sample === `${family}${suffix}`)
}

function withProcess(line: string, process: string): string {
  const match = /^([^\s{]+)(?:\{(.*)\})?(\s.*)$/.exec(line)
  if (match?.[1] === undefined) return line
  const labels = [`process="${process}"`, match[2] ?? ''].filter((label) => label !== '')
  return `${match[1]}{${labels.join(',')}}${match[3] ?? ''}`
}
