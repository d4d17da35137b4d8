import { Command, Option } from 'commander'
import { UserError } from '../../records/failure.ts'
import type { ExportFormat, ExportTable } from '../../store/export-table.ts'

interface Options {
  readonly table: ExportTable
  readonly format: ExportFormat
  readonly out: string
  readonly from?: string
  readonly to?: string
  readonly model?: string
  readonly text: boolean
  readonly url?: string
  readonly config?: string
  readonly token?: string
}

const tables = [
  'calls',
  'scores',
  'labels',
  'events',
  'samples',
  'ledger',
] as const satisfies readonly ExportTable[]

const formats = ['jsonl', 'csv', 'parquet'] as const satisfies readonly ExportFormat[]

/** `equipoise export`: a table of the running program as a file. */
export function exportCommand(): Command {
  return new Command('export')
    .description('Export a table of a running Equipoise as JSONL, CSV or Parquet.')
    .addOption(new Option('--table <table>', 'which one').choices(tables).default('calls'))
    .addOption(new Option('--format <format>', 'of the file').choices(formats).default('jsonl'))
    .requiredOption('--out <file>', 'file to write; it is complete or not there')
    .option('--from <time>', 'ISO time, epoch milliseconds or for example -7d (default: all)')
    .option('--to <time>', 'exclusive; as --from (default: now)')
    .option('--model <name>', 'only rows of this model')
    .option('--text', 'prompts, answers, reasons and comments too (redacted, where kept)', false)
    .option('-c, --config <file>', 'configuration of the running Equipoise')
    .option('--url <url>', 'address of the running Equipoise')
    .addOption(new Option('--token <token>', 'bearer token (admin)').env('EQUIPOISE_TOKEN'))
    .action(async (options: Options) => {
      const bytes = await download(options)
      console.log(`${options.out}: ${bytes} bytes of ${options.table} as ${options.format}`)
    })
}

/** Writes beside the file first, so that what has its name is whole. */
async function download(options: Options): Promise<number> {
  const { createWriteStream } = await import('node:fs')
  const { rename, rm, stat } = await import('node:fs/promises')
  const { pipeline } = await import('node:stream/promises')
  const { hubAddress } = await import('../hub-address.ts')
  const { postToHub } = await import('../hub-request.ts')
  const { table, format, out, from, to, model, text, token } = options
  const { body } = await postToHub({
    url: hubAddress(options),
    path: '/api/v1/export',
    token,
    body: { table, format, from, to, model, text },
  })
  const partial = `${out}.partial`
  try {
    await pipeline(body, createWriteStream(partial))
    await rename(partial, out)
  } catch (error) {
    await rm(partial, { force: true })
    throw new UserError(`the export to ${out} broke off: nothing was kept; try again`, {
      cause: error,
    })
  }
  return (await stat(out)).size
}
