import { Command } from 'commander'

/** `equipoise up -c FILE`: a real fleet. */
export function upCommand(): Command {
  return new Command('up')
    .description('Run Equipoise for the fleet of a configuration file.')
    .option('-c, --config <file>', 'configuration file', 'equipoise.yaml')
    .addHelpText(
      'after',
      '\nEdits of the file reload live. Stop with Ctrl-C: running calls finish first.',
    )
    .action(async ({ config: file }: { config: string }) => {
      const { loadCheckedConfig } = await import('../checked-config.ts')
      const { runHub } = await import('../run-hub.ts')
      const load = () => loadCheckedConfig(file)
      await runHub({ loaded: load(), watch: { file, load } })
    })
}
