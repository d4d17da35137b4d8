import { Command } from 'commander'
import { version } from '../roles/version.ts'
import { checkCommand } from './commands/check.ts'
import { configCommand } from './commands/config.ts'
import { demoCommand } from './commands/demo.ts'
import { doctorCommand } from './commands/doctor.ts'
import { evalCommand } from './commands/eval.ts'
import { evaluatorsCommand } from './commands/evaluators.ts'
import { exportCommand } from './commands/export.ts'
import { importCommand } from './commands/import.ts'
import { initCommand } from './commands/init.ts'
import { labCommand } from './commands/lab.ts'
import { probesCommand } from './commands/probes.ts'
import { qualityCommand } from './commands/quality.ts'
import { queryCommand } from './commands/query.ts'
import { replayCommand } from './commands/replay.ts'
import { roleCommand } from './commands/role.ts'
import { sourcesCommand } from './commands/sources.ts'
import { upCommand } from './commands/up.ts'

/**
 * The whole command line; each command is one file of `commands/`, which imports what it runs on only when it
 * is called: `--help` and `--version` answer at once.
 */
export function program(): Command {
  return new Command('equipoise')
    .description('See what an LLM fleet costs and what its answers are worth, on one time axis.')
    .version(version)
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .showHelpAfterError('(add --help for what is possible)')
    .addCommand(upCommand())
    .addCommand(demoCommand())
    .addCommand(initCommand())
    .addCommand(checkCommand())
    .addCommand(configCommand())
    .addCommand(doctorCommand())
    .addCommand(sourcesCommand())
    .addCommand(qualityCommand())
    .addCommand(queryCommand())
    .addCommand(importCommand())
    .addCommand(exportCommand())
    .addCommand(replayCommand())
    .addCommand(labCommand())
    .addCommand(evaluatorsCommand())
    .addCommand(evalCommand())
    .addCommand(probesCommand())
    .addCommand(roleCommand(), { hidden: true })
    .addHelpText(
      'after',
      `
First steps:
  equipoise demo                        an emulated fleet with live traffic: look first
  equipoise init                        write a commented equipoise.yaml
  equipoise check -c equipoise.yaml     say what is wrong in it, with line and column
  equipoise up -c equipoise.yaml        run gateway, collectors, evaluators, alerts and page

Page and API listen on http://127.0.0.1:4600, the OpenAI-compatible gateway on http://127.0.0.1:4601/v1.`,
    )
}
