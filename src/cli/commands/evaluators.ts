import { Command } from 'commander'

/** `equipoise evaluators`: what can score an answer. */
export function evaluatorsCommand(): Command {
  return new Command('evaluators')
    .description('List the evaluators with the dimension that each feeds.')
    .action(async () => {
      const { evaluators } = await import('../../quality/registry.ts')
      for (const { kind, dimension, summary } of evaluators) {
        console.log(`${kind.padEnd(22)} ${dimension.padEnd(20)} ${summary}`)
      }
    })
}
