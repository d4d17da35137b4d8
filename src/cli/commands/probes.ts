import { Command, Option } from 'commander'
import { z } from 'zod'
import { formatRows, rowFormats, type RowFormat } from '../row-format.ts'

interface Options {
  readonly url?: string
  readonly config?: string
  readonly token?: string
  readonly format: RowFormat
}

const answer = z.object({
  controls: z.array(
    z.object({
      control: z.string(),
      model: z.string(),
      evaluator: z.string(),
      state: z.string(),
      draws: z.number(),
      deviations: z.number(),
      allowedRate: z.number(),
      eValue: z.number(),
      withoutVerdict: z.number(),
      newestMs: z.number(),
      movedAtMs: z.number().nullable(),
    }),
  ),
})

/** `equipoise probes`: whether models and judge still say what they said at first. */
export function probesCommand(): Command {
  return new Command('probes')
    .description('List the controls (probes of models, golden set of the judge) and what moved.')
    .option('-c, --config <file>', 'configuration of the running Equipoise')
    .option(
      '--url <url>',
      'address of the running Equipoise (default: from the configuration, else http://127.0.0.1:4600)',
    )
    .addOption(new Option('--token <token>', 'bearer token').env('EQUIPOISE_TOKEN'))
    .addOption(
      new Option('--format <format>', 'how rows are printed').choices(rowFormats).default('table'),
    )
    .addHelpText(
      'after',
      '\nprobe_change: frozen prompts asked again. golden_change: frozen answers judged again. golden_truth: the same against the expected labels.',
    )
    .action(async (options: Options) => {
      const { hubAddress } = await import('../hub-address.ts')
      const { getFromHub } = await import('../hub-request.ts')
      const { token } = options
      const url = hubAddress(options)
      const { controls } = answer.parse(await getFromHub({ url, path: '/api/v1/controls', token }))
      const rows = controls.map((one) => [
        one.control,
        one.model,
        one.evaluator,
        one.state,
        one.draws,
        one.deviations,
        one.allowedRate,
        Number(one.eValue.toPrecision(3)),
        one.withoutVerdict,
        new Date(one.newestMs).toISOString(),
        one.movedAtMs === null ? '' : new Date(one.movedAtMs).toISOString(),
      ])
      process.stdout.write(formatRows(columns, rows, options.format))
    })
}

const columns = [
  'control',
  'model',
  'evaluator',
  'state',
  'draws',
  'deviations',
  'allowed',
  'e_value',
  'without_verdict',
  'newest',
  'moved_at',
]
