import { z } from 'zod'
import { durationMs, ratio } from './units.ts'

/** Latency stable AND a quality dimension low: the case that infrastructure dashboards cannot see. */
export const twoAxisRuleSchema = z
  .strictObject({
    kind: z.literal('two_axis').describe('Latency stable and quality low.'),
    name: z.string().describe('Name of the rule.'),
    models: z.array(z.string()).default([]).describe('Models watched; empty means all.'),
    dimension: z.string().default('safety').describe('Quality dimension.'),
    below: ratio.describe('Fires when the upper bound of the mean lies below this.'),
    latencyWithin: ratio
      .prefault('25%')
      .describe('Latency counts as stable within this share of its baseline.'),
    window: durationMs.prefault('1m').describe('Evaluation window.'),
    baseline: durationMs.prefault('30m').describe('How far back the latency baseline reaches.'),
    for: durationMs.prefault('5m').describe('How long the condition must hold.'),
    minimumScores: z
      .int()
      .min(1)
      .default(10)
      .describe('Fewer scores in the window than this say nothing.'),
    severity: z
      .enum(['info', 'warning', 'critical'])
      .default('critical')
      .describe('How bad it is.'),
  })
  .describe('An alert on both axes.')

const notifierSchema = z
  .strictObject({
    kind: z.string().describe('Which notifier, e.g. webhook.'),
    config: z.record(z.string(), z.unknown()).default({}).describe('Settings of this notifier.'),
  })
  .describe('Where alerts go.')

/** Rules and where their alerts go. */
export const alertsSchema = z
  .strictObject({
    evaluateEvery: durationMs.prefault('30s').describe('How often rules are evaluated.'),
    rules: z.array(twoAxisRuleSchema).default([]).describe('Rules.'),
    notifiers: z.array(notifierSchema).default([]).describe('Notifiers.'),
  })
  .describe('Alerts.')
