// Prometheus text format 0.0.4 and OpenMetrics 1.0, line by line: a bad line costs itself, not the scrape.

export type ExpositionFormat = 'text' | 'openmetrics'

export interface ExpositionSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** Epoch milliseconds; `null` = the exporter leaves it to the reader. */
  readonly timestampMs: number | null
}

interface BadLine {
  /** From 1. */
  readonly line: number
  readonly reason: string
}

export interface Exposition {
  readonly samples: readonly ExpositionSample[]
  /** Type by family name, as declared. */
  readonly types: ReadonlyMap<string, string>
  /** Unit by family name, as OpenMetrics declares it. */
  readonly units: ReadonlyMap<string, string>
  /** The end was there, or the format has none. */
  readonly isComplete: boolean
  /** The first of them; `badLineCount` counts all. */
  readonly badLines: readonly BadLine[]
  readonly badLineCount: number
}

/** Parses an exposition in one pass. Never throws: what cannot be read is reported with its line. */
export function parseExposition(text: string, format: ExpositionFormat = 'text'): Exposition {
  const state: State = {
    format,
    samples: [],
    types: new Map(),
    units: new Map(),
    badLines: [],
    badLineCount: 0,
    seen: new Set(),
    ended: false,
  }
  let line = 0
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start)
    const end = newline === -1 ? text.length : newline
    line += 1
    const reason = readLine(state, text.slice(start, text[end - 1] === '\r' ? end - 1 : end))
    if (reason !== null) report(state, line, reason)
    start = end + 1
  }
  const isComplete = format !== 'openmetrics' || state.ended
  if (!isComplete) report(state, line, 'the end (# EOF) is missing')
  const { samples, types, units, badLines, badLineCount } = state
  return { samples, types, units, isComplete, badLines, badLineCount }
}

/** Format that a response announces in its `content-type`. */
export function expositionFormat(contentType: string): ExpositionFormat {
  return contentType.trimStart().startsWith('application/openmetrics-text') ? 'openmetrics' : 'text'
}

interface State {
  readonly format: ExpositionFormat
  readonly samples: ExpositionSample[]
  readonly types: Map<string, string>
  readonly units: Map<string, string>
  readonly badLines: BadLine[]
  badLineCount: number
  /** Name, labels and timestamp as written. */
  readonly seen: Set<string>
  ended: boolean
}

const reportedLines = 20

function report(state: State, line: number, reason: string): void {
  state.badLineCount += 1
  if (state.badLines.length < reportedLines) state.badLines.push({ line, reason })
}

/** Reads one line into the state; the answer is what is wrong with it. */
function readLine(state: State, line: string): string | null {
  const first = skipBlanks(line, 0)
  if (first === line.length) return null
  if (state.ended) return 'something stands after the end (# EOF)'
  return line[first] === '#' ? readComment(state, line) : readSample(state, line, first)
}

const typeComment = /^[ \t]*#[ \t]+TYPE[ \t]+(\S+)[ \t]+(\S+)[ \t]*$/
const unitComment = /^[ \t]*#[ \t]+UNIT[ \t]+(\S+)[ \t]+(\S+)[ \t]*$/
const endComment = /^[ \t]*#[ \t]+EOF[ \t]*$/

const knownTypes: ReadonlySet<string> = new Set(
  'counter gauge histogram summary untyped unknown info stateset gaugehistogram'.split(' '),
)

function readComment(state: State, line: string): string | null {
  if (state.format === 'openmetrics' && endComment.test(line)) {
    state.ended = true
    return null
  }
  const [, family, unit] = unitComment.exec(line) ?? []
  if (family !== undefined && unit !== undefined) state.units.set(family, unit)
  const [, name, type] = typeComment.exec(line) ?? []
  if (name === undefined || type === undefined) return null
  if (!knownTypes.has(type)) return `unknown type ${quote(type)}`
  state.types.set(name, type)
  return null
}

const metricName = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const labelName = /[a-zA-Z_][a-zA-Z0-9_]*/y

function readSample(state: State, line: string, start: number): string | null {
  const name = match(metricName, line, start)
  if (name === null) return `expected a metric name, found ${quote(line.slice(start))}`
  const afterName = skipBlanks(line, start + name.length)
  const labels = line[afterName] === '{' ? readLabels(line, afterName + 1) : noLabels(afterName)
  if (typeof labels === 'string') return labels
  const fields = splitFields(withoutExemplar(state.format, line.slice(labels.end)))
  const number = readNumbers(state.format, fields)
  if (typeof number === 'string') return number
  const identity = `${line.slice(start, labels.end)} ${number.timestampMs ?? ''}`
  if (state.seen.has(identity)) return `${quote(name)} is repeated with the same labels`
  state.seen.add(identity)
  state.samples.push({ name, labels: Object.fromEntries(labels.pairs), ...number })
  return null
}

interface Labels {
  readonly pairs: ReadonlyMap<string, string>
  /** Index after the closing brace. */
  readonly end: number
}

function noLabels(end: number): Labels {
  return { pairs: new Map(), end }
}

function readLabels(line: string, start: number): Labels | string {
  const pairs = new Map<string, string>()
  let at = skipBlanks(line, start)
  while (line[at] !== '}') {
    const name = match(labelName, line, at)
    if (name === null) return `expected a label name, found ${quote(line.slice(at))}`
    at = skipBlanks(line, at + name.length)
    if (line[at] !== '=') return `expected = after label ${quote(name)}`
    at = skipBlanks(line, at + 1)
    const value = readQuoted(line, at)
    if (value === null) return `the value of label ${quote(name)} is not a closed string`
    if (pairs.has(name)) return `label ${quote(name)} is repeated`
    pairs.set(name, value.text)
    at = skipBlanks(line, value.end)
    if (line[at] === ',') at = skipBlanks(line, at + 1)
    else if (line[at] !== '}') return `expected , or } after label ${quote(name)}`
  }
  return { pairs, end: at + 1 }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' }

function readQuoted(line: string, start: number): { text: string; end: number } | null {
  if (line[start] !== '"') return null
  const parts: string[] = []
  let from = start + 1
  for (let at = from; at < line.length; at += 1) {
    const character = line[at]
    if (character === '"') return { text: parts.join('') + line.slice(from, at), end: at + 1 }
    if (character !== '\\') continue
    // An unknown escape stays as written, as Prometheus has it.
    const escaped = escapes[line[at + 1] ?? ''] ?? line.slice(at, at + 2)
    parts.push(line.slice(from, at), escaped)
    at += 1
    from = at + 1
  }
  return null
}

/** An exemplar of OpenMetrics follows the value after ` # `; it is not a reading. */
function withoutExemplar(format: ExpositionFormat, rest: string): string {
  const hash = format === 'openmetrics' ? rest.indexOf(' # ') : -1
  return hash === -1 ? rest : rest.slice(0, hash)
}

function splitFields(rest: string): string[] {
  return rest.split(/[ \t]+/).filter((field) => field !== '')
}

function readNumbers(
  format: ExpositionFormat,
  fields: readonly string[],
): { value: number; timestampMs: number | null } | string {
  const [valueText, timeText, extra] = fields
  if (valueText === undefined) return 'the value is missing'
  if (extra !== undefined) return `${quote(extra)} stands after the timestamp`
  const value = parseNumber(valueText)
  if (value === null) return `expected a number, found ${quote(valueText)}`
  if (timeText === undefined) return { value, timestampMs: null }
  const time = parseNumber(timeText)
  if (time === null || !Number.isFinite(time)) {
    return `expected a timestamp, found ${quote(timeText)}`
  }
  // The one format counts milliseconds, the other seconds.
  return { value, timestampMs: format === 'openmetrics' ? Math.round(time * 1_000) : time }
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
const infinity = /^([+-]?)inf(?:inity)?$/i
const notANumber = /^[+-]?nan$/i

function parseNumber(text: string): number | null {
  if (decimal.test(text)) return Number(text)
  const sign = infinity.exec(text)?.[1]
  if (sign !== undefined) return sign === '-' ? -Infinity : Infinity
  return notANumber.test(text) ? NaN : null
}

function match(pattern: RegExp, line: string, at: number): string | null {
  pattern.lastIndex = at
  return pattern.exec(line)?.[0] ?? null
}

function skipBlanks(line: string, start: number): number {
  let at = start
  while (line[at] === ' ' || line[at] === '\t') at += 1
  return at
}

const quotedLength = 40

function quote(text: string): string {
  return JSON.stringify(text.length > quotedLength ? `${text.slice(0, quotedLength)}…` : text)
}
