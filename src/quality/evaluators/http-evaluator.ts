import { z } from 'zod'
import { durationMs } from '../../config/units.ts'
import { contentHash } from '../content-hash.ts'
import { defineEvaluator, type Verdict } from '../evaluator.ts'
import { postJson } from '../post-json.ts'

export const httpEvaluator = defineEvaluator({
  kind: 'http_evaluator',
  summary: 'Posts the answer as JSON to a URL of yours and takes the score from the reply.',
  dimension: 'custom',
  needsJudge: false,
  about:
    'Request: `{"callId", "model", "prompt", "answer", "attributes", "completionTokens", "options"}`, texts redacted as stored. Reply: `{"value": 0.8, "label": "ok", "reason": "…"}` with `value` from 0 (bad) to 1 (good), or `{"skip": "why"}` where the answer cannot be judged; `version` and `costUsd` may be added. The version of the score is the configured one; a server that sends another in `version` is kept apart as another evaluator. 429, 5xx and lost connections are asked again with growing pauses (`Retry-After` is obeyed up to 10 s); anything else is recorded as failed, never as 0.',
  config: z.strictObject({
    url: z.url().describe('Where the answers are posted.'),
    apiKey: z.string().optional().describe('Bearer key; write it as ${VARIABLE}.'),
    version: z
      .string()
      .min(1)
      .default('1')
      .describe('Version of what stands behind the URL: change it when its verdicts change.'),
    timeout: durationMs.prefault('10s').describe('Longest wait for one reply.'),
    retries: z.int().min(0).max(10).default(2).describe('More tries after a fault that may pass.'),
    options: z
      .record(z.string(), z.unknown())
      .default({})
      .describe('Sent along with each request as `options`.'),
  }),
  version: ({ url, version, options }) =>
    `http_evaluator:${version}@${contentHash({ url, options })}`,
  async evaluate(subject, config, { signal }) {
    const { callId, model, prompt, answer, attributes, completionTokens } = subject
    const body = {
      callId,
      model,
      prompt,
      answer,
      attributes,
      completionTokens,
      options: config.options,
    }
    const target = { ...config, timeoutMs: config.timeout }
    const reply = replySchema.safeParse(await postJson(target, body, signal))
    if (!reply.success) {
      const reason = `${config.url} answered no verdict: ${z.prettifyError(reply.error)}`
      return { outcome: 'failed', reason }
    }
    return verdictOf(reply.data, config.version)
  },
})

const spent = {
  version: z.string().min(1).optional(),
  costUsd: z.number().min(0).optional(),
}
const replySchema = z.union([
  z.object({ ...spent, skip: z.string().min(1) }),
  z.object({
    ...spent,
    value: z.number().min(0).max(1),
    label: z.string().min(1).optional(),
    reason: z.string().default(''),
  }),
])

function verdictOf(reply: z.infer<typeof replySchema>, version: string): Verdict {
  const effort = {
    ...(reply.costUsd === undefined ? {} : { costUsd: reply.costUsd }),
    ...(reply.version === undefined || reply.version === version
      ? {}
      : { servedBy: reply.version }),
  }
  if ('skip' in reply) return { outcome: 'skipped', reason: reply.skip, ...effort }
  return {
    outcome: 'scored',
    value: reply.value,
    label: reply.label ?? (reply.value >= 0.5 ? 'good' : 'bad'),
    reason: reply.reason.trim() === '' ? 'no reason was given' : reply.reason.slice(0, 2_000),
    ...effort,
  }
}
