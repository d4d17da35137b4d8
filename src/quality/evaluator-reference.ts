// The reference page of the evaluators, made from what each says of itself.
import { stringify } from 'yaml'
import { settingRows } from '../config/reference.ts'
import type { EvaluatorExample, Need, OpenEvaluator } from './evaluator.ts'

/** The page of all evaluators in Markdown. */
export function evaluatorReference(evaluators: readonly OpenEvaluator[]): string {
  return `${[preface, overview(evaluators), ...evaluators.map(evaluatorPage)].join('\n\n')}\n`
}

/** What one evaluator does, needs and takes, with an example, in Markdown. */
export function evaluatorPage(evaluator: OpenEvaluator): string {
  const { kind, summary, dimension, needs, about, example } = evaluator
  const rows = settingRows(evaluator.config)
  return [
    `## \`${kind}\``,
    summary,
    `Dimension \`${dimension}\`. ${needsText(needs)}`,
    ...(about === '' ? [] : [about]),
    rows.length === 0 ? 'No settings.' : table(['Setting', 'Type', 'Default', 'Meaning'], rows),
    ...(example === null ? [] : [exampleText(kind, example)]),
  ].join('\n\n')
}

const preface = `<!-- Generated from src/quality/evaluators. Do not edit. -->

# Evaluators

Each scores one answer from 0 (bad) to 1 (good) with a label and a reason. An answer that cannot be judged is skipped with a reason and has no score; an evaluator that breaks is recorded as failed. Every score carries the version of what made it: code, settings, judge and encoder. Attributes such as \`reference\` come with the call, e.g. as \`metadata\` of the request or as span attributes.`

const meanings: Readonly<Record<Need, string>> = {
  judge: 'the judge (`quality.judge`)',
  encoder: 'the sentence encoder (`quality.encoder`)',
  reference: 'the attribute `reference`',
  context: 'the attribute `context`',
  answers: 'the attribute `answers`, or `ask`',
}

function needsText(needs: readonly Need[]): string {
  const list = needs.map((need) => meanings[need])
  return list.length === 0 ? 'Needs prompt and answer alone.' : `Needs ${list.join(' and ')}.`
}

function overview(evaluators: readonly OpenEvaluator[]): string {
  const rows = evaluators.map(({ kind, dimension, needs, summary }) => {
    const cells = [`[${kind}](#${kind})`, dimension, needs.join(', '), summary]
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  })
  return table(['Kind', 'Dimension', 'Needs', 'What it does'], rows)
}

function table(headings: readonly string[], rows: readonly string[]): string {
  return [`| ${headings.join(' | ')} |`, `|${' --- |'.repeat(headings.length)}`, ...rows].join('\n')
}

function exampleText(kind: string, example: EvaluatorExample): string {
  const { config = {}, prompt, answer, attributes = {}, label, value } = example
  const entry = Object.keys(config).length === 0 ? { kind } : { kind, config }
  const call = {
    prompt,
    answer,
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
  }
  return `Example: this entry and this call give **${value}**, \`${label}\`.

\`\`\`\`yaml
${stringify({ quality: { evaluators: [entry] } }).trimEnd()}
\`\`\`\`

\`\`\`\`yaml
${stringify(call, { lineWidth: 0 }).trimEnd()}
\`\`\`\``
}
