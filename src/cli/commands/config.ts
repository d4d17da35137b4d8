import { Command } from 'commander'
import { configReference } from '../../config/reference.ts'

/** `equipoise config reference`: the page that the schema generates. */
export function configCommand(): Command {
  const reference = new Command('reference')
    .description('Print the reference of every key, as Markdown.')
    .action(() => {
      process.stdout.write(configReference())
    })
  return new Command('config')
    .description('Everything that can be configured.')
    .addCommand(reference)
}
