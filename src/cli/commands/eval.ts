import { Command, Option } from 'commander'
import { z } from 'zod'

interface BackfillCommandOptions {
  readonly since: string
  readonly evaluator?: string
  readonly yes?: true
  readonly url?: string
  readonly config?: string
  readonly token?: string
}

/** `equipoise eval`: work of the evaluators that somebody asks for. */
export function evalCommand(): Command {
  return new Command('eval').description('Let the evaluators score.').addCommand(backfillCommand())
}

const estimated = z.object({
  estimate: z.object({ answers: z.number(), usd: z.number().nullable() }),
})

function backfillCommand(): Command {
  return new Command('backfill')
    .description('Score stored answers again under the present versions of the evaluators.')
    .requiredOption('--since <duration>', 'how far back, e.g. 7d')
    .option('--evaluator <kind>', 'only this evaluator')
    .option('--yes', 'start it; without this only the cost is estimated')
    .option('-c, --config <file>', 'configuration of the running Equipoise')
    .option(
      '--url <url>',
      'address of the running Equipoise (default: from the configuration, else http://127.0.0.1:4600)',
    )
    .addOption(new Option('--token <token>', 'bearer token (operator)').env('EQUIPOISE_TOKEN'))
    .addHelpText('after', '\nEarlier scores stay; the board shows both versions apart.')
    .action(async (options: BackfillCommandOptions) => {
      const { hubAddress } = await import('../hub-address.ts')
      const { postToHub } = await import('../hub-request.ts')
      const { since, evaluator, token } = options
      const query = { since, ...(evaluator === undefined ? {} : { evaluator }) }
      const hub = { url: hubAddress(options), path: '/api/v1/backfill', token }
      const asked = await postToHub({ ...hub, body: { ...query, dryRun: true } })
      const { answers, usd } = estimated.parse(await asked.body.json()).estimate
      const money = usd === null ? 'an unknown amount' : `${usd.toFixed(4)} $`
      console.log(`At most ${answers} answers and ${money} to score them again.`)
      if (options.yes === undefined) {
        console.log('Nothing was started. Add --yes to start.')
        return
      }
      const started = await postToHub({ ...hub, body: query }, (status) => status === 202)
      await started.body.dump()
      console.log('Started. GET /api/v1/backfill says how far it is.')
    })
}
