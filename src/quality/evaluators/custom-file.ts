import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { z } from 'zod'
import { durationMs } from '../../config/units.ts'
import { messageOf } from '../../records/failure.ts'
import { contentHash } from '../content-hash.ts'
import { openSandbox, type Sandbox } from '../custom-sandbox.ts'
import { defineEvaluator } from '../evaluator.ts'

const configSchema = z.strictObject({
  file: z
    .string()
    .transform(fileOf)
    .describe(
      'Path of a .js, .mjs, .ts or .mts file; relative ones start at the working directory.',
    ),
  timeout: durationMs
    .prefault('5s')
    .describe('Longest time for one answer; then its thread is ended.'),
  memoryMiB: z
    .int()
    .min(16)
    .max(4_096)
    .default(128)
    .describe('JavaScript heap of the thread, in MiB.'),
  options: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('Handed to the function as `options`.'),
})
type Config = z.infer<typeof configSchema>

export const customFile = defineEvaluator({
  kind: 'custom_file',
  summary:
    'Calls the function `evaluate` of a JavaScript or TypeScript file of yours, in a thread of its own.',
  dimension: 'custom',
  needsJudge: false,
  about:
    'The file exports `evaluate(subject, options)`, by name or as default; it may be async. `subject` is `{ callId, model, prompt, answer, attributes, completionTokens }`, texts redacted as stored. It returns `{ value, label?, reason? }` with `value` from 0 (bad) to 1 (good), or `{ skip: "why" }` where the answer cannot be judged; what it throws is recorded as failed. The version is the hash of the file and of `options`; files that it imports are not in it, so keep it in one file. Answers go through one at a time. An endless loop or a full heap ends the thread and fails that answer only; the next one gets a new thread. A thread bounds time and heap, it is no jail: the file is trusted as the program is. TypeScript needs Node 22.18, or the package tsx beside the program.',
  config: configSchema,
  version: ({ file, options }) => `custom_file:${file.hash}@${contentHash(options)}`,
  async evaluate(subject, config, { signal }) {
    const { callId, model, prompt, answer, attributes, completionTokens } = subject
    const plain = { callId, model, prompt, answer, attributes, completionTokens }
    const reply = replySchema.safeParse(await sandboxOf(config).call(plain, signal))
    if (!reply.success) {
      const reason = `${config.file.path} returned no verdict: ${z.prettifyError(reply.error)}`
      return { outcome: 'failed', reason }
    }
    if ('skip' in reply.data) return { outcome: 'skipped', reason: reply.data.skip }
    const { value, label, reason } = reply.data
    return {
      outcome: 'scored',
      value,
      label: label ?? (value >= 0.5 ? 'good' : 'bad'),
      reason: reason.trim() === '' ? 'no reason was given' : reason.slice(0, 2_000),
    }
  },
})

const replySchema = z.union([
  z.object({ skip: z.string().min(1) }),
  z.object({
    value: z.number().min(0).max(1),
    label: z.string().min(1).optional(),
    reason: z.string().default(''),
  }),
])

interface CustomFile {
  readonly path: string
  /** First 12 hex digits of the SHA-256 of its content. */
  readonly hash: string
}

const extensions = ['.js', '.mjs', '.ts', '.mts']

function fileOf(name: string, context: z.RefinementCtx): CustomFile {
  const path = resolve(name)
  try {
    if (!extensions.includes(extname(path))) {
      throw new Error(`it ends in "${extname(path)}"; expected ${extensions.join(', ')}`)
    }
    return { path, hash: hashOf(readFileSync(path)) }
  } catch (error) {
    context.addIssue({ code: 'custom', message: `${path} cannot be used: ${messageOf(error)}` })
    return z.NEVER
  }
}

function hashOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 12)
}

/** By content, so that equal entries share a thread. One that is not used any more ends its thread by itself. */
const sandboxes = new Map<string, Sandbox>()

function sandboxOf(config: Config): Sandbox {
  const key = contentHash(config)
  const known = sandboxes.get(key)
  if (known !== undefined) return known
  const { file, options, timeout: timeoutMs, memoryMiB } = config
  const opened = openSandbox({ ...file, options, timeoutMs, memoryMiB })
  sandboxes.set(key, opened)
  return opened
}
