import { Command, Option } from 'commander'
import { z } from 'zod'
import { messageOf, UserError } from '../../records/failure.ts'
import { formatRows, rowFormats, type RowFormat } from '../row-format.ts'

interface Options {
  readonly url?: string
  readonly config?: string
  readonly token?: string
  readonly format: RowFormat
}

const result = z.object({ columns: z.array(z.string()), rows: z.array(z.array(z.unknown())) })
const refusal = z.object({ error: z.object({ message: z.string() }) })

/** `equipoise query SQL`: read-only SQL against the running program. */
export function queryCommand(): Command {
  return new Command('query')
    .description('Run a read-only SQL query (ClickHouse dialect) against a running Equipoise.')
    .argument('<sql>', 'for example "SELECT model, count() FROM calls GROUP BY model"')
    .option('-c, --config <file>', 'configuration of the running Equipoise')
    .option(
      '--url <url>',
      'address of the running Equipoise (default: from the configuration, else http://127.0.0.1:4600)',
    )
    .addOption(new Option('--token <token>', 'bearer token (admin)').env('EQUIPOISE_TOKEN'))
    .addOption(
      new Option('--format <format>', 'how rows are printed').choices(rowFormats).default('table'),
    )
    .addHelpText(
      'after',
      '\nTables: calls, calls_with_text, texts, scores, samples, series, labels, events, findings, ledger, alerts,\nand rollups by minute: calls_1m, scores_1m, samples_1m (also _5m, calls_30m, scores_30m).\n' +
        'calls holds the first 200 characters of prompt and answer, calls_with_text all of them.',
    )
    .action(async (sql: string, options: Options) => {
      const { columns, rows } = await query(sql, options)
      process.stdout.write(formatRows(columns, rows, options.format))
    })
}

async function query(sql: string, options: Options): Promise<z.infer<typeof result>> {
  const { request } = await import('undici')
  const { hubAddress } = await import('../hub-address.ts')
  const url = hubAddress(options)
  const answer = await request(`${url}/api/v1/query`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    },
    body: JSON.stringify({ sql }),
  }).catch((error: unknown) => {
    throw new UserError(
      `Equipoise does not answer at ${url} (${messageOf(error)}). Start it with "equipoise up" or "equipoise demo", or name its address with --url.`,
    )
  })
  const body: unknown = await answer.body.json()
  if (answer.statusCode === 200) return result.parse(body)
  const said = refusal.safeParse(body)
  throw new UserError(said.success ? said.data.error.message : `HTTP ${answer.statusCode}`)
}
