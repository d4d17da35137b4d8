// One look at a metrics page: fetched, parsed, bounded and relabelled.
import type { ScrapeJobConfig } from '../../config/schema.ts'
import type { Access } from '../scrape/access.ts'
import { fetchBounded } from '../scrape/fetch-bounded.ts'
import type { Labels, Relabel } from '../scrape/relabel.ts'
import {
  expositionFormat,
  parseExposition,
  type Exposition,
  type ExpositionFormat,
  type ExpositionSample,
} from './exposition.ts'

/** How the page of a target is read. */
export interface PageSettings {
  readonly access: Access
  readonly timeoutMs: number
  readonly limits: ScrapeJobConfig['limits']
  readonly honorTimestamps: boolean
  /** `null` = samples stay as they are. */
  readonly relabel: Relabel | null
  /** Labels of the target, which relabel steps see beside the sample's own. */
  readonly labels: Labels
}

export interface Page {
  readonly format: ExpositionFormat
  /** With the samples that relabelling left. */
  readonly exposition: Exposition
  /** Samples on the page as it came. */
  readonly scraped: number
  /** Names of the samples that relabelling dropped, one each. */
  readonly dropped: readonly string[]
}

/** Preferred is the format with an end mark, since it shows when a page was cut off. */
const accept =
  'application/openmetrics-text;version=1.0.0;q=0.6, application/openmetrics-text;version=0.0.1;q=0.5, text/plain;version=0.0.4;q=0.4, */*;q=0.1'

/** Reads the page. Rejects with a sentence for a person when it cannot be had, is cut off or beyond a limit. */
export async function readPage(
  url: string,
  settings: PageSettings,
  signal: AbortSignal,
): Promise<Page> {
  const { access, timeoutMs, limits } = settings
  const { text, contentType } = await fetchBounded(url, {
    access,
    timeoutMs,
    mostBytes: limits.bodySize,
    headers: { accept, 'x-prometheus-scrape-timeout-seconds': String(timeoutMs / 1_000) },
    signal,
  })
  const format = expositionFormat(contentType)
  const exposition = parseExposition(text, format)
  if (exposition.samples.length === 0) throw new Error(nothingIn(exposition))
  if (!exposition.isComplete) throw new Error('the page was cut off: its end (# EOF) is missing')
  return { format, ...settled(exposition, settings) }
}

/** Applies relabelling, timestamps and limits to a page. Pure; throws beyond a limit. */
export function settled(
  exposition: Exposition,
  { relabel, labels, limits, honorTimestamps }: Omit<PageSettings, 'access' | 'timeoutMs'>,
): Omit<Page, 'format'> {
  const samples: ExpositionSample[] = []
  const dropped: string[] = []
  for (const sample of exposition.samples) {
    const after = relabel === null ? sample : relabelled(sample, relabel, labels)
    if (after === null) {
      dropped.push(sample.name)
      continue
    }
    checkLabels(after, limits)
    samples.push(honorTimestamps ? after : { ...after, timestampMs: null })
  }
  if (samples.length > limits.samples) {
    throw new Error(`${samples.length} samples, more than limits.samples (${limits.samples})`)
  }
  return {
    exposition: { ...exposition, samples },
    scraped: exposition.samples.length,
    dropped,
  }
}

/** Steps see name and target beside the labels; what they leave of the target is not the sample's. */
function relabelled(
  sample: ExpositionSample,
  relabel: Relabel,
  target: Labels,
): ExpositionSample | null {
  const after = relabel({ ...target, ...sample.labels, __name__: sample.name })
  const name = after?.['__name__'] ?? ''
  if (after === null || name === '') return null
  const own = Object.entries(after).filter(
    ([label, value]) =>
      !label.startsWith('__') &&
      (Object.hasOwn(sample.labels, label) || !Object.is(target[label], value)),
  )
  return { ...sample, name, labels: Object.fromEntries(own) }
}

function checkLabels({ name, labels }: ExpositionSample, limits: PageSettings['limits']): void {
  const entries = Object.entries(labels)
  if (entries.length > limits.labels) {
    throw new Error(
      `${name} has ${entries.length} labels, more than limits.labels (${limits.labels})`,
    )
  }
  for (const [label, value] of entries) {
    if (label.length > limits.labelNameLength) {
      throw new Error(
        `a label name of ${name} has ${label.length} characters, more than limits.labelNameLength (${limits.labelNameLength})`,
      )
    }
    if (value.length > limits.labelValueLength) {
      throw new Error(
        `label ${label} of ${name} has ${value.length} characters, more than limits.labelValueLength (${limits.labelValueLength})`,
      )
    }
  }
}

function nothingIn({ badLines }: Exposition): string {
  const first = badLines[0]
  if (first === undefined || first.reason.startsWith('the end')) {
    return 'answered an empty page instead of metrics'
  }
  return `answered something else than metrics: line ${first.line}: ${first.reason}`
}
