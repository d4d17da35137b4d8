import { Command } from 'commander'
import { z } from 'zod'
import type { ReplayProgress } from '../../lab/replay.ts'
import type { ReplayReport } from '../../lab/replay-report.ts'
import { messageOf, UserError } from '../../records/failure.ts'
import { positiveNumber } from '../option-values.ts'

interface Options {
  readonly trace: string
  readonly gateway: string
  readonly model: readonly string[]
  readonly timeScale: number
  readonly limit?: number
  readonly inFlight: number
  readonly stream: boolean
}

const modelList = z.object({ data: z.array(z.object({ id: z.string() })) })

/** `equipoise replay --trace FILE`: recorded arrivals through the gateway. */
export function replayCommand(): Command {
  return new Command('replay')
    .description(
      'Send the recorded arrivals of a trace file through a gateway (meant for the emulated fleet).',
    )
    .requiredOption(
      '--trace <file>',
      'Azure CSV (TIMESTAMP,ContextTokens,GeneratedTokens) or Mooncake JSON lines',
    )
    .option('--gateway <url>', 'address of the gateway', 'http://127.0.0.1:4601')
    .option(
      '--model <name...>',
      'models that take the rows in turn (default: all that the gateway serves)',
      [],
    )
    .option('--time-scale <n>', 'how many times faster than recorded', positiveNumber, 1)
    .option('--limit <rows>', 'only the first rows', positiveNumber)
    .option(
      '--in-flight <n>',
      'most calls at once; rows due beyond it wait, and the report says how long',
      positiveNumber,
      256,
    )
    .option('--stream', 'ask for streamed answers', false)
    .action(async (options: Options) => {
      const { replayTrace } = await import('../../lab/replay.ts')
      const models = options.model.length > 0 ? options.model : await servedModels(options.gateway)
      const report = await replayTrace({
        file: options.trace,
        gatewayUrl: options.gateway,
        models,
        timeScale: options.timeScale,
        stream: options.stream,
        concurrencyLimit: options.inFlight,
        onProgress: showProgress,
        ...(options.limit === undefined ? {} : { limit: options.limit }),
      })
      if (process.stderr.isTTY) process.stderr.write('\n')
      showReport(report)
      if (report.failed > 0) process.exitCode = 1
    })
}

async function servedModels(gateway: string): Promise<string[]> {
  const { request } = await import('undici')
  try {
    const { body } = await request(`${gateway}/v1/models`)
    return modelList.parse(await body.json()).data.map(({ id }) => id)
  } catch (error) {
    throw new UserError(
      `No gateway answers at ${gateway} (${messageOf(error)}). Start one with "equipoise demo --no-traffic", or name its address with --gateway.`,
    )
  }
}

function showProgress({ sent, finished, inFlight }: ReplayProgress): void {
  const text = `sent ${sent}, finished ${finished}, in flight ${inFlight}`
  process.stderr.write(process.stderr.isTTY ? `\r${text.padEnd(70)}` : `${text}\n`)
}

function showReport(report: ReplayReport): void {
  for (const [name, value] of Object.entries(report)) {
    if (typeof value === 'number') console.log(`${name.padEnd(24)} ${Number(value.toFixed(3))}`)
  }
}
