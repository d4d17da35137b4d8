import { Command } from 'commander'

/** `equipoise config reference`: the page that the schema generates. */
export function configCommand(): Command {
  const reference = new Command('reference')
    .description('Print the reference of every key, as Markdown.')
    .action(async () => {
      const { configReference } = await import('../../config/reference.ts')
      process.stdout.write(configReference())
    })
  return new Command('config')
    .description('Everything that can be configured.')
    .addCommand(reference)
}
