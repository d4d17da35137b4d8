import { z } from 'zod'
import { durationMs } from '../../config/units.ts'
import { runBounded, type ProcessEnd } from '../bounded-process.ts'
import { codeVersion, defineEvaluator } from '../evaluator.ts'
import { Slots } from '../slots.ts'
import { codeBlocksOf, type CodeBlock } from '../text/code-blocks.ts'

const runnable = ['javascript', 'python'] as const

const configSchema = z.strictObject({
  run: z
    .literal(true)
    .describe('Must be true: a statement that code written by a model may run on this machine.'),
  language: z
    .enum(runnable)
    .optional()
    .describe('Language of answers that are code without a fence.'),
  stdout: z
    .string()
    .optional()
    .describe(
      'What the code must print, white space at the ends aside; the call’s attribute `expected_output` overrides it.',
    ),
  timeout: durationMs
    .prefault('5s')
    .describe('Longest run of one answer, wall and processor time.'),
  memoryMiB: z.int().min(64).max(4_096).default(256).describe('Memory of the run, in MiB.'),
  python: z.string().min(1).default('python3').describe('Command of the Python interpreter.'),
})
type Config = z.infer<typeof configSchema>

export const codeRuns = defineEvaluator({
  kind: 'code_runs',
  summary:
    'Runs the code of the answer (JavaScript, Python) in a bounded child process; only when asked for with `run: true`.',
  dimension: 'accuracy',
  needsJudge: false,
  about:
    'The runnable blocks of the answer, joined in order as the language of the first, run once in an empty folder with an empty environment, bounded in time, memory and output; the whole process group is killed at the end. What is not promised: the code has the rights of the user that runs Equipoise, so it can read that user’s files and use the network. Where that matters run the evaluator role in a container without a network, as a user of its own. Exit code 0, and the expected output where one is given, score 1.',
  example: {
    config: { run: true },
    prompt: 'Print 6 times 7 in JavaScript.',
    answer: '```js\nconsole.log(6 * 7)\n```',
    attributes: { expected_output: '42' },
    label: 'ran',
    value: 1,
  },
  config: configSchema,
  version: (config) => codeVersion('code_runs', 1, config),
  async evaluate({ answer, attributes }, config, { signal }) {
    const program = programOf(answer, config.language)
    if (program === null)
      return { outcome: 'skipped', reason: 'the answer holds no code that can run' }
    const giveBack = await oneAtATime.take(signal)
    try {
      const end = await runBounded({ ...orderOf(program, config) }, signal)
      if (end.kind === 'absent') {
        return { outcome: 'skipped', reason: `there is no ${config.python} here` }
      }
      const fault = faultOf(end, attributes['expected_output'] ?? config.stdout)
      return fault === null
        ? {
            outcome: 'scored',
            value: 1,
            label: 'ran',
            reason: `${program.language} ran to its end`,
          }
        : { outcome: 'scored', value: 0, label: 'failed', reason: fault }
    } finally {
      giveBack()
    }
  },
})

/** Foreign code gets one core at most. */
const oneAtATime = new Slots(1)

function programOf(answer: string, language: Config['language']): CodeBlock | null {
  const blocks = codeBlocksOf(answer).filter((block) =>
    runnable.some((name) => name === block.language),
  )
  const [first] = blocks
  if (first === undefined) {
    return language === undefined || answer.trim() === '' ? null : { language, code: answer }
  }
  const same = blocks.filter((block) => block.language === first.language)
  return { language: first.language, code: same.map(({ code }) => code).join('\n') }
}

function orderOf({ language, code }: CodeBlock, config: Config) {
  const { timeout: timeoutMs, memoryMiB } = config
  if (language === 'python') {
    const files = { 'code.py': code }
    return { command: config.python, args: ['-I', 'code.py'], files, timeoutMs, memoryMiB }
  }
  // V8 reserves far more address space than it uses, so its heap is bounded by its own switch.
  const args = [`--max-old-space-size=${memoryMiB}`, isModule(code) ? 'code.mjs' : 'code.cjs']
  const files = { 'code.mjs': code, 'code.cjs': code }
  return { command: process.execPath, args, files, timeoutMs, memoryMiB: null }
}

function isModule(code: string): boolean {
  return /^[ \t]*(?:import\b(?![ \t]*\()|export\b|await\b)/m.test(code)
}

function faultOf(
  end: Exclude<ProcessEnd, { kind: 'absent' }>,
  expected: string | undefined,
): string | null {
  if (end.kind === 'killed') return end.reason
  if (end.code !== 0) {
    const said = /^(?:Uncaught )?\w*(?:Error|Exception)\b.*$/m.exec(end.stderr)?.[0]
    return `exit code ${end.code}${said === undefined ? '' : `: ${said.slice(0, 160)}`}`
  }
  if (expected === undefined || end.stdout.trim() === expected.trim()) return null
  return `it printed ${JSON.stringify(end.stdout.trim().slice(0, 80))}, expected ${JSON.stringify(expected.trim().slice(0, 80))}`
}
