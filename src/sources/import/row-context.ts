import type { Config } from '../../config/schema.ts'
import { compilePatterns, type ExtraPattern } from '../../redaction/detector.ts'
import { redactedWithin } from '../../redaction/redacted-within.ts'

/** What rows are read with. */
export interface RowContext {
  readonly project: string
  /** Epoch milliseconds. */
  readonly nowMs: number
  readonly capture: Config['gateway']['capture']
  /** Longest text kept, in bytes. */
  readonly captureSize: number
  readonly patterns: readonly ExtraPattern[]
  /** Share of a model's calls that is drawn for scoring. */
  readonly samplingOf: (model: string) => number
  /** Component that serves a model; empty where the fleet has none. */
  readonly componentOf: (model: string) => string
}

/** The context of a configuration: ingested text is treated as the gateway treats what it sees. */
export function rowContext(config: Config, nowMs: number): RowContext {
  const { capture, captureSize, redaction, sampling } = config.gateway
  const components = new Map(config.fleet.components.map((one) => [one.model ?? one.name, one]))
  return {
    project: config.project,
    nowMs,
    capture,
    captureSize,
    patterns: compilePatterns(redaction.patterns),
    samplingOf: (model) => components.get(model)?.sampling ?? sampling,
    componentOf: (model) => components.get(model)?.name ?? '',
  }
}

/** Redacts the texts of rows. */
export interface RowTexts {
  /** Prompt or answer, where the configuration keeps it. */
  content(text: string, isSampled: boolean): string
  /** Anything else that people or programs write. */
  line(text: string): string
  pairs(pairs: Readonly<Record<string, string>>): Record<string, string>
}

/** @param context whose patterns are added to the built-in ones */
export function rowTexts({ capture, captureSize, patterns }: RowContext): RowTexts {
  const line = (text: string) => (text === '' ? '' : redactedWithin(text, captureSize, patterns))
  return {
    line,
    content: (text, isSampled) =>
      capture === 'all' || (capture === 'sampled' && isSampled) ? line(text) : '',
    pairs: (pairs) =>
      Object.fromEntries(Object.entries(pairs).map(([key, value]) => [line(key), line(value)])),
  }
}
