import { Command, Option } from 'commander'
import { z } from 'zod'
import { RetryableError, UserError } from '../../records/failure.ts'
import type { ImportKind, IngestAnswer } from '../../sources/import/ingest.ts'
import type { ImportProgress } from '../../sources/import/import-file.ts'

interface Options {
  readonly kind: ImportKind
  readonly format?: 'jsonl' | 'csv'
  readonly url?: string
  readonly config?: string
  readonly token?: string
}

const kinds = ['calls', 'scores', 'labels', 'events'] as const satisfies readonly ImportKind[]

const paths: Readonly<Record<ImportKind, string>> = {
  calls: '/api/v1/calls',
  scores: '/api/v1/scores',
  labels: '/api/v1/import/labels',
  events: '/api/v1/import/events',
}

/** `equipoise import FILE`: records of a file into the running program. */
export function importCommand(): Command {
  return new Command('import')
    .description('Import calls, scores, labels or events from a JSONL or CSV file.')
    .argument(
      '<file>',
      'as "equipoise export" writes it: a JSON object a line, or CSV with a header',
    )
    .addOption(new Option('--kind <kind>', 'what the rows are').choices(kinds).default('calls'))
    .addOption(
      new Option('--format <format>', 'of the file (default: by its name, else jsonl)').choices([
        'jsonl',
        'csv',
      ]),
    )
    .option('-c, --config <file>', 'configuration of the running Equipoise')
    .option('--url <url>', 'address of the running Equipoise')
    .addOption(
      new Option('--token <token>', 'bearer token (ingest; operator for labels)').env(
        'EQUIPOISE_TOKEN',
      ),
    )
    .addHelpText(
      'after',
      '\nGoes on where it stopped: FILE.progress says how far it came; delete it to begin anew.\nRows that were not taken are in FILE.rejected.jsonl with line, field and what was expected.',
    )
    .action(async (file: string, options: Options) => {
      const { importFile, rejectedFileOf } = await import('../../sources/import/import-file.ts')
      const { hubAddress } = await import('../hub-address.ts')
      const url = hubAddress(options)
      const done = await importFile({
        file,
        kind: options.kind,
        format: options.format ?? (/\.csv$/i.test(file) ? 'csv' : 'jsonl'),
        send: (rows) => send({ url, path: paths[options.kind], token: options.token, body: rows }),
        onProgress: showProgress,
      })
      const { accepted, duplicates, rejected } = done
      console.log(`accepted ${accepted}, already there ${duplicates}, rejected ${rejected}`)
      if (rejected === 0) return
      console.error(`What was rejected and why: ${rejectedFileOf(file)}`)
      process.exitCode = 1
    })
}

const answerSchema: z.ZodType<IngestAnswer> = z.object({
  accepted: z.int(),
  duplicates: z.int(),
  rejected: z.array(z.object({ index: z.int(), field: z.string(), expected: z.string() })),
})

const mostTries = 60

/** Waits out a full disk or a store that is away for some minutes. */
async function send(request: {
  readonly url: string
  readonly path: string
  readonly token: string | undefined
  readonly body: readonly unknown[]
}): Promise<IngestAnswer> {
  const { postToHub } = await import('../hub-request.ts')
  for (let tries = 1; ; tries += 1) {
    try {
      // 400 with a report: no row of this batch was good.
      const { statusCode, body } = await postToHub(request, (status) => [200, 400].includes(status))
      const answer = answerSchema.safeParse(await body.json())
      if (answer.success) return answer.data
      throw new UserError(
        `Equipoise answered ${statusCode} without a report: is it of another version?`,
      )
    } catch (error) {
      if (!(error instanceof RetryableError) || tries >= mostTries) throw error
      process.stderr.write(`${error.message}; waiting\n`)
      await new Promise((wake) => setTimeout(wake, error.retryAfterMs))
    }
  }
}

function showProgress({ offset, bytes, accepted, rejected }: ImportProgress): void {
  if (!process.stderr.isTTY) return
  const share = bytes === 0 ? 100 : Math.floor((offset / bytes) * 100)
  const text = `${share} %, accepted ${accepted}, rejected ${rejected}`
  process.stderr.write(`\r${text.padEnd(60)}${offset === bytes ? '\n' : ''}`)
}
