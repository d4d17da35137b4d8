import { existsSync } from 'node:fs'
import { Command, Option } from 'commander'
import { formatRows, rowFormats, type RowFormat } from '../row-format.ts'

/** `equipoise sources`: what metrics are read from where, and how well. */
export function sourcesCommand(): Command {
  return new Command('sources')
    .description(
      'Try the metrics targets of a configuration, or list those of a running Equipoise.',
    )
    .addCommand(testCommand())
    .addCommand(listCommand())
}

interface TestCommandOptions {
  readonly config: string
  readonly target?: string
  readonly format: 'text' | 'json'
}

function testCommand(): Command {
  return new Command('test')
    .description('Read every target once, now, without a hub: what is mapped, ignored and missing.')
    .option('-c, --config <file>', 'configuration file', 'equipoise.yaml')
    .option('--target <name|url>', 'only this target; a URL may be any metrics page')
    .addOption(
      new Option('--format <format>', 'how it is printed')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addHelpText('after', '\nExit code: 0 when every target can be read, else 1.')
    .action(async ({ config: file, target, format }: TestCommandOptions) => {
      const { config } = await configOf(file, target)
      const { buildFleet } = await import('../../fleet/topology.ts')
      const { testTargets } = await import('../../sources/target-test.ts')
      const { sourcesReport } = await import('../sources-report.ts')
      const tested = await testTargets({
        config,
        fleet: buildFleet(config.fleet),
        signal: new AbortController().signal,
        ...(target === undefined ? {} : { only: target }),
      })
      const text =
        format === 'json' ? `${JSON.stringify(tested, null, 2)}\n` : sourcesReport(tested)
      process.stdout.write(text)
      const isWell =
        tested.targets.length > 0 &&
        tested.problems.length === 0 &&
        tested.targets.every(({ failure }) => failure === null)
      if (!isWell) process.exitCode = 1
    })
}

/** A page that is named by its URL can be tried before there is a configuration. */
async function configOf(file: string, target: string | undefined) {
  if (/^https?:/.test(target ?? '') && !existsSync(file)) {
    const { loadConfigObject } = await import('../../config/load.ts')
    return loadConfigObject({})
  }
  const { loadCheckedConfig } = await import('../checked-config.ts')
  return loadCheckedConfig(file)
}

interface ListCommandOptions {
  readonly url?: string
  readonly config?: string
  readonly token?: string
  readonly format: RowFormat
}

function listCommand(): Command {
  return new Command('list')
    .description('List the sources of a running Equipoise with their freshness.')
    .option('-c, --config <file>', 'configuration of the running Equipoise')
    .option('--url <url>', 'address of the running Equipoise')
    .addOption(new Option('--token <token>', 'bearer token (viewer)').env('EQUIPOISE_TOKEN'))
    .addOption(
      new Option('--format <format>', 'how rows are printed').choices(rowFormats).default('table'),
    )
    .action(async (options: ListCommandOptions) => {
      const { z } = await import('zod')
      const { hubAddress } = await import('../hub-address.ts')
      const { getFromHub } = await import('../hub-request.ts')
      const answer = z.object({
        nowMs: z.number(),
        sources: z.array(
          z.object({
            name: z.string(),
            kind: z.string(),
            state: z.string(),
            lastSuccessMs: z.number().nullable(),
            detail: z.string(),
          }),
        ),
      })
      const path = '/api/v1/sources'
      const said = await getFromHub({ url: hubAddress(options), path, token: options.token })
      const { nowMs, sources } = answer.parse(said)
      const rows = sources.map(({ name, kind, state, lastSuccessMs, detail }) => [
        name,
        kind,
        state,
        lastSuccessMs === null ? null : Math.round((nowMs - lastSuccessMs) / 1_000),
        detail,
      ])
      const columns = ['source', 'kind', 'state', 'age_s', 'detail']
      process.stdout.write(formatRows(columns, rows, options.format))
    })
}
