import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { messageOf, UserError } from '../../records/failure.ts'
import { positiveNumber } from '../option-values.ts'

const defaultControl = 'http://127.0.0.1:4610'

/** `equipoise lab …`: the emulated fleet alone, and its faults. */
export function labCommand(): Command {
  return new Command('lab')
    .description('The emulated fleet: run it alone, inject faults, clear them.')
    .addCommand(serveCommand())
    .addCommand(faultCommand())
    .addCommand(clearCommand())
    .addCommand(stateCommand())
}

function serveCommand(): Command {
  return new Command('serve')
    .description(
      'Run model servers, GPU exporter and judge alone, and write a configuration for them.',
    )
    .option(
      '--speed <n>',
      'how many times faster than real the emulated GPUs are',
      positiveNumber,
      1,
    )
    .option('--seed <n>', 'seed of the emulated answers', positiveNumber, 1)
    .option('--ephemeral', 'let the system choose the ports', false)
    .option('--write-config <file>', 'where the configuration goes', 'lab.yaml')
    .action(
      async (options: { speed: number; seed: number; ephemeral: boolean; writeConfig: string }) => {
        const { stringify } = await import('yaml')
        const { startLabProcess } = await import('../../roles/lab-process.ts')
        const { speed, seed, ephemeral, writeConfig } = options
        const lab = await startLabProcess({ speed, seed, ports: ephemeral ? 'ephemeral' : 'fixed' })
        writeFileSync(writeConfig, stringify(lab.config))
        console.log(`The emulated fleet runs; control at ${lab.controlUrl}`)
        console.log(`Next: equipoise up -c ${writeConfig}`)
        const stop = () => void lab.stop().then(() => process.exit(0))
        process.on('SIGINT', stop).on('SIGTERM', stop)
      },
    )
}

const controlOption = ['--control <url>', 'control address of the lab', defaultControl] as const

function faultCommand(): Command {
  return new Command('fault')
    .description('Inject a fault.')
    .argument('<kind>', 'which fault: unsafe (answers turn unsafe, latency stays flat)')
    .requiredOption('--model <name>', 'model that it strikes')
    .option('--for <seconds>', 'ends by itself after this long', positiveNumber)
    .option(...controlOption)
    .action(async (kind: string, options: { model: string; for?: number; control: string }) => {
      const { model, for: durationSeconds, control } = options
      await ask(control, 'POST', '/faults', { kind, model, durationSeconds })
      console.log(`${model} now has the fault "${kind}". Clear it with: equipoise lab clear`)
    })
}

function clearCommand(): Command {
  return new Command('clear')
    .description('Clear every fault.')
    .option(...controlOption)
    .action(async ({ control }: { control: string }) => {
      await ask(control, 'DELETE', '/faults')
      console.log('Every fault is cleared.')
    })
}

function stateCommand(): Command {
  return new Command('state')
    .description('Show what the lab does now.')
    .option(...controlOption)
    .action(async ({ control }: { control: string }) => {
      console.log(await ask(control, 'GET', '/'))
    })
}

async function ask(
  control: string,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<string> {
  const { request } = await import('undici')
  const answer = await request(`${control}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  }).catch((error: unknown) => {
    throw new UserError(
      `No lab answers at ${control} (${messageOf(error)}). Start one with "equipoise demo", or name its address with --control.`,
    )
  })
  const text = await answer.body.text()
  if (answer.statusCode >= 300) throw new UserError(text)
  return text
}
