import { existsSync } from 'node:fs'
import { Command, Option } from 'commander'
import type { DoctorReport } from '../../api/doctor-report.ts'
import { UserError } from '../../records/failure.ts'

interface Options {
  readonly url?: string
  readonly config?: string
  readonly token?: string
  readonly format: 'text' | 'json'
}

/** `equipoise doctor`: whether everything is well and nothing is lost; exits with 1 when not. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Examine an installation and prove that every accepted record is kept.')
    .option('-c, --config <file>', 'configuration (default: equipoise.yaml where there is one)')
    .option('--url <url>', 'address of the running Equipoise')
    .addOption(new Option('--token <token>', 'bearer token (operator)').env('EQUIPOISE_TOKEN'))
    .addOption(
      new Option('--format <format>', 'how the report is printed')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addHelpText(
      'after',
      '\nAsks the running Equipoise; where none answers, opens its idle data directory itself.\nExits with 1 when a check failed or the accounts do not add up.',
    )
    .action(async (options: Options) => {
      const { isWell } = await import('../../api/doctor-report.ts')
      const { doctorText } = await import('../doctor-text.ts')
      const report = await examine(options)
      const text = options.format === 'json' ? `${JSON.stringify(report)}\n` : doctorText(report)
      process.stdout.write(text)
      if (!isWell(report)) process.exitCode = 1
    })
}

async function examine(options: Options): Promise<DoctorReport> {
  const { hubAddress } = await import('../hub-address.ts')
  const report = await reportOfHub(hubAddress(options), options.token)
  if (report !== null) return report
  if (options.url !== undefined) {
    throw new UserError(
      `Equipoise does not answer at ${options.url}: without --url its data directory is examined instead.`,
    )
  }
  const { examineIdle } = await import('../../roles/idle-doctor.ts')
  const { createLog } = await import('../../telemetry/log.ts')
  const { configSchema } = await import('../../config/schema.ts')
  const { loadConfig } = await import('../../config/load.ts')
  const file = options.config ?? (existsSync('equipoise.yaml') ? 'equipoise.yaml' : undefined)
  const config = file === undefined ? configSchema.parse({}) : loadConfig(file, process.env).config
  return await examineIdle(config, createLog('doctor', 'error'))
}

/** `null` = nobody answers. */
async function reportOfHub(url: string, token: string | undefined): Promise<DoctorReport | null> {
  const { request } = await import('undici')
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const answer = await request(`${url}/api/v1/doctor`, { headers }).catch(() => null)
  if (answer === null) return null
  const text = await answer.body.text()
  if (answer.statusCode !== 200) {
    throw new UserError(`Equipoise at ${url} answered ${answer.statusCode}: ${text.slice(0, 500)}`)
  }
  // The same program on both sides; a hub of another version says so in its own report.
  const report: DoctorReport = JSON.parse(text)
  return report
}
