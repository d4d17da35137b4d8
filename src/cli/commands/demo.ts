import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { portNumber, positiveNumber } from '../option-values.ts'

interface Options {
  readonly data: string
  readonly traffic: boolean
  readonly speed: number
  readonly seed: number
  readonly port: number
  readonly gatewayPort: number
  readonly webhook?: string
}

/** `equipoise demo`: the emulated fleet, its traffic, and the whole program watching it. */
export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'Run an emulated fleet with live traffic, and watch it: needs no GPU and no account.',
    )
    .option('--data <directory>', 'where the demo keeps its data', '.equipoise/demo')
    .option('--no-traffic', 'start the fleet without calls (for "equipoise replay")')
    .option(
      '--speed <n>',
      'how many times faster than real the emulated GPUs are',
      positiveNumber,
      1,
    )
    .option('--seed <n>', 'seed of the emulated answers and arrivals', positiveNumber, 1)
    .option('--port <n>', 'port of page and API', portNumber, 4600)
    .option('--gateway-port <n>', 'port of the gateway', portNumber, 4601)
    .option('--webhook <url>', 'where alerts are posted')
    .addHelpText(
      'after',
      '\nInject a fault: equipoise lab fault unsafe --model Qwen2.5-7B-Instruct',
    )
    .action(runDemo)
}

async function runDemo(options: Options): Promise<void> {
  const { loadConfigObject } = await import('../../config/load.ts')
  const { startLabProcess } = await import('../../roles/lab-process.ts')
  const { runHub } = await import('../run-hub.ts')
  // Who looks for the first time wants the page, not the log; the children inherit the level.
  process.env['EQUIPOISE_LOG_LEVEL'] ??= 'warn'
  const dataDirectory = resolve(options.data)
  mkdirSync(dataDirectory, { recursive: true })
  const lab = await startLabProcess({
    seed: options.seed,
    speed: options.speed,
    // Fixed ports are for people who want to look; tests run several demos at once.
    ports: options.port === 0 ? 'ephemeral' : 'fixed',
  })
  const { config } = lab
  const loaded = loadConfigObject({
    ...config,
    dataDirectory,
    server: { port: options.port },
    gateway: { port: options.gatewayPort },
    alerts: {
      ...(typeof config['alerts'] === 'object' ? config['alerts'] : {}),
      notifiers:
        options.webhook === undefined
          ? []
          : [{ kind: 'webhook', config: { url: options.webhook } }],
    },
  })
  await runHub({
    loaded,
    onReady: async (hub) => {
      console.log(`  lab      ${lab.controlUrl}`)
      if (options.traffic && hub.gatewayUrl !== null) {
        lab.startTraffic(hub.gatewayUrl)
        console.log(
          'Live traffic flows; the first quality scores follow within a minute. Ctrl-C stops.',
        )
      }
    },
    // The lab outlives the gateway's draining: calls under way need their servers.
    afterStop: () => lab.stop(),
  }).catch(async (error: unknown) => {
    await lab.stop()
    throw error
  })
}
