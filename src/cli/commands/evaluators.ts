import { Command } from 'commander'
import { UserError } from '../../records/failure.ts'

/** `equipoise evaluators`: what can score an answer. */
export function evaluatorsCommand(): Command {
  return new Command('evaluators')
    .description('List the evaluators with the dimension that each feeds and what it needs.')
    .option('--show <kind>', 'tell all of one: what it measures, its settings, an example')
    .action(async ({ show }: { readonly show?: string }) => {
      if (show === undefined) await printList()
      else await printOne(show)
    })
    .addCommand(referenceCommand())
}

/** `equipoise evaluators reference`: the page that the evaluators generate. */
function referenceCommand(): Command {
  return new Command('reference')
    .description('Print the reference of every evaluator, as Markdown.')
    .action(async () => {
      const { evaluators } = await import('../../quality/registry.ts')
      const { evaluatorReference } = await import('../../quality/evaluator-reference.ts')
      process.stdout.write(evaluatorReference(evaluators))
    })
}

async function printList(): Promise<void> {
  const { evaluators } = await import('../../quality/registry.ts')
  for (const { kind, dimension, needs, summary } of evaluators) {
    const needed = needs.length === 0 ? '-' : needs.join(',')
    console.log(`${kind.padEnd(23)} ${dimension.padEnd(20)} ${needed.padEnd(18)} ${summary}`)
  }
}

async function printOne(kind: string): Promise<void> {
  const { evaluators, findEvaluator } = await import('../../quality/registry.ts')
  const { evaluatorPage } = await import('../../quality/evaluator-reference.ts')
  const evaluator = findEvaluator(kind)
  if (evaluator === undefined) {
    const kinds = evaluators.map((known) => known.kind).join(', ')
    throw new UserError(`There is no evaluator "${kind}". There are ${kinds}.`)
  }
  console.log(evaluatorPage(evaluator))
}
