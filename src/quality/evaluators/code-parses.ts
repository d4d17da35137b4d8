import { z } from 'zod'
import { syntaxOf, type Syntax } from '../code-syntax.ts'
import { codeVersion, defineEvaluator } from '../evaluator.ts'
import { Slots } from '../slots.ts'
import { codeBlocksOf, codeLanguages, type CodeBlock } from '../text/code-blocks.ts'

export const codeParses = defineEvaluator({
  kind: 'code_parses',
  summary:
    'Parses each code block of the answer (JSON, JavaScript, TypeScript, Python); nothing is run.',
  dimension: 'format',
  needsJudge: false,
  about:
    'Blocks are told by the tag of their fence; with `language` an answer without a fence is taken as code whole. JSON and scripts are parsed in the process. JavaScript modules go to `node --check` and Python to `ast.parse` of the configured interpreter, each in a child process of 20 to 100 ms, two at a time. TypeScript needs Node 22.13; on an older one, and for Python without an interpreter, the block is left out, and an answer with no block left is skipped. The score is the share of blocks that parse. Fragments with an ellipsis do not parse, as they would not for a reader who pastes them.',
  example: {
    prompt: 'Give me a JSON object and a script.',
    answer: '```json\n{"a": 1,}\n```\n```js\nconst a = 1\n```',
    label: 'broken',
    value: 0.5,
  },
  config: z.strictObject({
    language: z
      .enum(codeLanguages)
      .optional()
      .describe('Language of answers that are code without a fence.'),
    only: z
      .array(z.enum(codeLanguages))
      .min(1)
      .default([...codeLanguages])
      .describe('Languages that are parsed.'),
    python: z.string().min(1).default('python3').describe('Command of the Python interpreter.'),
  }),
  version: (config) => {
    const node = process.versions.node.split('.')[0]
    // The parser of another Node accepts another language.
    return codeVersion('code_parses', 1, { ...config, node })
  },
  async evaluate({ answer }, { language, only, python }, { signal }) {
    const blocks = blocksIn(answer, language).filter((block) => only.includes(block.language))
    if (blocks.length === 0) {
      return { outcome: 'skipped', reason: 'the answer holds no code in a language that is parsed' }
    }
    const results = await Promise.all(
      blocks.slice(0, mostBlocks).map((block) => parse(block, python, signal)),
    )
    const known = results.flatMap((syntax, index) =>
      syntax.kind === 'unknown' ? [] : [{ syntax, index }],
    )
    if (known.length === 0) {
      const why = results.flatMap((syntax) => (syntax.kind === 'unknown' ? syntax.why : []))
      return { outcome: 'skipped', reason: [...new Set(why)].join('; ') }
    }
    const broken = known.flatMap(({ syntax, index }) =>
      syntax.kind === 'invalid'
        ? [`block ${index + 1} (${blocks[index]?.language ?? ''}): ${syntax.fault}`]
        : [],
    )
    return {
      outcome: 'scored',
      value: 1 - broken.length / known.length,
      label: broken.length === 0 ? 'parses' : 'broken',
      reason:
        broken.length === 0 ? `all ${known.length} blocks parse` : broken.slice(0, 5).join('; '),
    }
  },
})

/** Blocks of one answer that are looked at. */
const mostBlocks = 20

/** Parsers in child processes at once, over all answers. */
const children = new Slots(2)

function blocksIn(
  answer: string,
  language: CodeBlock['language'] | undefined,
): readonly CodeBlock[] {
  const blocks = codeBlocksOf(answer)
  if (blocks.length > 0 || language === undefined || answer.trim() === '') return blocks
  return [{ language, code: answer }]
}

async function parse(block: CodeBlock, python: string, signal: AbortSignal): Promise<Syntax> {
  const giveBack = await children.take(signal)
  try {
    return await syntaxOf(block, { python }, signal)
  } finally {
    giveBack()
  }
}
