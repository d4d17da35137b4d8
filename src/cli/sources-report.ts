// What `equipoise sources test` prints.
import type { MappedReading, PageFindings } from '../sources/prometheus/page-findings.ts'
import type { TargetTest, TestedSources } from '../sources/target-test.ts'
import { formatRows } from './row-format.ts'

/** The report of a test for a terminal; ends with a sentence that sums up. */
export function sourcesReport({ targets, problems }: TestedSources): string {
  const well = targets.filter(({ failure }) => failure === null).length
  const parts = targets.map(targetReport)
  const lists = problems.map((problem) => `! ${problem}\n`).join('')
  const sum =
    targets.length === 0
      ? 'There is no target: add a copy, a dcgmUrl or a scrape job, or name a URL with --target.\n'
      : `${well} of ${targets.length} targets can be read.\n`
  return [...parts, lists, sum].filter((part) => part !== '').join('\n')
}

function targetReport({ name, address, failure, durationMs, page, findings }: TargetTest): string {
  const title = name === address ? name : `${name}  ${address}`
  const lines = [failure === null ? `ok      ${title}` : `FAILED  ${title}`]
  if (failure !== null) lines.push(`  ${failure}`)
  if (page !== null) {
    const format = page.format === 'openmetrics' ? 'OpenMetrics' : 'Prometheus text'
    const system =
      page.system === null ? 'not recognised' : `recognised as ${page.system} (${page.asOf})`
    lines.push(`  ${page.samples} samples in ${durationMs.toFixed(0)} ms, ${format}; ${system}`)
  }
  return `${lines.join('\n')}\n${findings === null ? '' : findingsReport(findings)}`
}

function findingsReport(findings: PageFindings): string {
  const { mapped, ignored, absent, badLines, badLineCount } = findings
  const bad = badLines.map(({ line, reason }) => [`line ${line}`, null, reason])
  if (badLineCount > bad.length) bad.push(['more lines', null, `${badLineCount - bad.length} more`])
  const left = [
    ...bad,
    ...ignored.map(({ sourceName, samples, reason }) => [sourceName, samples, reason]),
  ]
  return [
    section(
      'mapped',
      ['source name', 'metric', 'value', 'unit', 'whose', 'note'],
      mappedRows(mapped),
    ),
    section('ignored', ['source name', 'samples', 'why'], left),
    section(
      'absent, though such a system usually has it',
      ['metric', 'named', 'whose'],
      absent.map(({ metric, sourceNames, places }) => [
        metric,
        sourceNames[0] ?? '',
        [...new Set(places.map(partOf))].join(', '),
      ]),
    ),
  ].join('')
}

function section(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
): string {
  if (rows.length === 0) return ''
  const text = formatRows(
    columns,
    rows.map((row) => row.map((cell) => cell ?? '')),
    'table',
  )
  const indented = text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}\n`)
  return `  ${title}\n${indented.join('')}`
}

/** One row a series, but one for all buckets of a histogram. */
function mappedRows(mapped: readonly MappedReading[]): string[][] {
  const rows = new Map<string, { reading: MappedReading; buckets: number }>()
  for (const reading of mapped) {
    const { le, ...rest } = reading.dimensions
    const key = JSON.stringify([reading.sourceName, reading.namespace, rest])
    const known = rows.get(key)
    const buckets = (known?.buckets ?? 0) + (le === undefined ? 0 : 1)
    rows.set(le === undefined ? `${key} ${reading.metric}` : key, { reading, buckets })
  }
  return [...rows.values()].map(({ reading, buckets }) => [
    reading.sourceName,
    reading.metric,
    buckets > 0 ? `${buckets} buckets` : valueText(reading),
    reading.unit,
    whose(reading),
    reading.note,
  ])
}

function valueText({ value, state }: MappedReading): string {
  if (value === null) return `no value (${state})`
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)))
}

function whose({ namespace, dimensions }: MappedReading): string {
  const [, kind, name] = /^(.*)\/([^/]+)$/.exec(namespace) ?? []
  const root = namespaceWords[kind ?? ''] ?? namespace
  const { quality: _, le: __, ...rest } = dimensions
  return [`${root} ${name ?? ''}`.trim(), partOf(rest)].filter((part) => part !== '').join(': ')
}

const namespaceWords: Readonly<Record<string, string>> = {
  '/aws/sagemaker/InferenceComponents': 'model',
  '/aws/sagemaker/Endpoints': 'server',
  '/prometheus': 'job',
}

/** Dimensions without those that others of them say too. */
function partOf(dimensions: Readonly<Record<string, string>>): string {
  const { copy, gpu } = dimensions
  const isSaid = (name: string) =>
    (name === 'component' && copy !== undefined) ||
    (name === 'node' && (copy !== undefined || gpu !== undefined)) ||
    name === 'job'
  return Object.entries(dimensions)
    .filter(([name]) => !isSaid(name))
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}
