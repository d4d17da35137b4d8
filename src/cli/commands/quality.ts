import { Command, Option } from 'commander'
import { z } from 'zod'
import { formatRows, rowFormats, type RowFormat } from '../row-format.ts'

interface Options {
  readonly model?: string
  readonly dimension?: string
  readonly from?: string
  readonly to?: string
  readonly labels: string
  readonly url?: string
  readonly config?: string
  readonly token?: string
  readonly format: RowFormat
}

const interval = z.object({ value: z.number(), lower: z.number(), upper: z.number() })

/** What is printed of the API's `QualityReport`. */
const printedReport = z.object({
  rows: z
    .array(
      z.object({
        model: z.string(),
        dimension: z.string(),
        evaluator: z.string(),
        evaluatorVersion: z.string(),
        raw: interval.extend({ n: z.number(), nEffective: z.number() }),
        calibrated: interval.extend({ method: z.string(), labels: z.number() }).nullable(),
        rawOnly: z.string().nullable(),
        labels: z.object({ ofWindow: z.number() }),
        agreement: z.object({ kappa: z.number().nullable(), strength: z.string() }).nullable(),
        plan: z.object({ sentence: z.string() }),
      }),
    )
    .readonly(),
})

type PrintedReport = z.output<typeof printedReport>

/** `equipoise quality`: what evaluators say of the answers and what people would say. */
export function qualityCommand(): Command {
  return new Command('quality')
    .description('Quality as evaluators say and as people would say, with intervals.')
    .option('--model <names>', 'only these models, with commas between')
    .option('--dimension <names>', 'only these dimensions, e.g. safety,accuracy')
    .option('--from <time>', 'start: -7d, an ISO time or epoch ms (default: 24 hours before --to)')
    .option('--to <time>', 'end (default: now)')
    .option('--labels <n>', 'how many more labels the plan is about', '40')
    .option('-c, --config <file>', 'configuration of the running Equipoise')
    .option('--url <url>', 'address of the running Equipoise')
    .addOption(new Option('--token <token>', 'bearer token (viewer)').env('EQUIPOISE_TOKEN'))
    .addOption(
      new Option('--format <format>', 'how rows are printed').choices(rowFormats).default('table'),
    )
    .addHelpText(
      'after',
      `
1 = good. raw: mean of the evaluator over the traffic. calibrated: what people would say, from their labels:
  verdict_strata      labels of this window, by the evaluator's verdict
  prediction_powered  labels of this window that give points (PPI++)
  error_rates         what the evaluator was found to miss at other times (Rogan and Gladen)
Both with 95 % intervals. kappa: agreement of evaluator and people beyond chance.`,
    )
    .action(async (options: Options) => {
      const { hubAddress } = await import('../hub-address.ts')
      const { getFromHub } = await import('../hub-request.ts')
      const path = `/api/v1/quality?${queryOf(options).toString()}`
      const said = await getFromHub({ url: hubAddress(options), path, token: options.token })
      process.stdout.write(qualityText(printedReport.parse(said), options.format))
    })
}

function queryOf({ model, dimension, from, to, labels }: Options): URLSearchParams {
  const given = Object.entries({ model, dimension, from, to, labels })
  return new URLSearchParams(
    given.flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    ),
  )
}

const columns = [
  'model',
  'dimension',
  'evaluator',
  'version',
  'raw',
  'raw_95',
  'n',
  'n_eff',
  'calibrated',
  'calibrated_95',
  'method',
  'labels',
  'kappa',
  'next',
]

/** A report as rows. `null` stands where nothing is known. */
export function qualityText({ rows }: PrintedReport, format: RowFormat): string {
  return formatRows(columns, rows.map(cellsOf), format)
}

function cellsOf(row: PrintedReport['rows'][number]): readonly unknown[] {
  const { raw, calibrated, agreement } = row
  return [
    row.model,
    row.dimension,
    row.evaluator,
    row.evaluatorVersion,
    rounded(raw.value),
    boundsOf(raw),
    raw.n,
    Math.round(raw.nEffective),
    calibrated === null ? null : rounded(calibrated.value),
    calibrated === null ? null : boundsOf(calibrated),
    calibrated?.method ?? `raw only: ${row.rawOnly ?? ''}`,
    calibrated?.labels ?? row.labels.ofWindow,
    kappaOf(agreement),
    row.plan.sentence,
  ]
}

function kappaOf(agreement: PrintedReport['rows'][number]['agreement']): string | null {
  if (agreement === null || agreement.kappa === null) return null
  return `${agreement.kappa.toFixed(2)} ${agreement.strength}`
}

function rounded(value: number): number {
  return Number(value.toFixed(4))
}

function boundsOf({ lower, upper }: { readonly lower: number; readonly upper: number }): string {
  return `${lower.toFixed(4)}-${upper.toFixed(4)}`
}
