// Prompts with known answers, asked by the gateway's own path as any client would.
import { request } from 'undici'
import { z } from 'zod'
import type { ProbesConfig } from '../../config/schema.ts'
import { probesProject } from '../../records/control-project.ts'
import { messageOf, UserError } from '../../records/failure.ts'
import type { Score } from '../../records/score.ts'
import { contentHash } from '../content-hash.ts'
import type { EvaluationContext, PreparedEvaluator } from '../evaluator.ts'
import { findEvaluator } from '../registry.ts'
import { measuredVerdict } from '../score-call.ts'
import { controlScore, drawItems } from './control-score.ts'

export interface Probe {
  /** `<name>@<hash of what is asked>`: a prompt that is changed is another probe. */
  readonly item: string
  readonly prompt: string
  readonly attributes: Readonly<Record<string, string>>
  readonly evaluators: readonly PreparedEvaluator[]
}

export interface ProbeRun {
  readonly project: string
  readonly probes: readonly Probe[]
  readonly config: Pick<ProbesConfig, 'perRun' | 'maxTokens' | 'timeout' | 'key'>
  readonly models: readonly string[]
  /** e.g. `http://127.0.0.1:4601`. */
  readonly gatewayUrl: string
  readonly context: EvaluationContext
  /** Clock in epoch milliseconds. */
  readonly now: () => number
  /** Uniform in [0, 1). */
  readonly random: () => number
}

/** The configured probes with their evaluators. Throws a `UserError` on an unknown kind or a wrong setting. */
export function prepareProbes(
  config: ProbesConfig,
  judge: string,
  encoder?: string,
): readonly Probe[] {
  return config.prompts.map(({ name, prompt, reference, context, evaluators }) => ({
    item: `${name}@${contentHash([prompt, reference, context, config.maxTokens])}`,
    prompt,
    attributes: {
      ...(reference === undefined ? {} : { reference }),
      ...(context === undefined ? {} : { context }),
    },
    evaluators: evaluators.map((entry) => {
      const evaluator = findEvaluator(entry.kind)
      if (evaluator === undefined) {
        throw new UserError(
          `quality.probes: probe ${name}: there is no evaluator "${entry.kind}". \`equipoise evaluators\` lists them.`,
        )
      }
      if (evaluator.needsJudge && judge === '') {
        throw new UserError(
          `quality.probes: probe ${name}: ${entry.kind} asks a judge, and quality.judge is not configured.`,
        )
      }
      return evaluator.prepare(entry.config, judge, encoder)
    }),
  }))
}

/** Asks each model the probes that are drawn for it. Rejects only when the signal aborts. */
export async function askProbes(run: ProbeRun): Promise<readonly Score[]> {
  const scores: Score[] = []
  for (const model of run.models) {
    // One after another: a probe is not there to load the model.
    for (const probe of drawItems(run.probes, run.config.perRun, run.random)) {
      scores.push(...(await askOne(run, model, probe)))
    }
  }
  return scores
}

async function askOne(run: ProbeRun, model: string, probe: Probe): Promise<readonly Score[]> {
  const { item, prompt, attributes } = probe
  const subject = { project: probesProject(run.project), item, model, atMs: run.now() }
  const answer = await answerOf(run, model, prompt)
  return await Promise.all(
    probe.evaluators.map(async (evaluator) => {
      if (answer.kind === 'failure') {
        const verdict = { outcome: 'failed', reason: answer.reason } as const
        return controlScore(subject, evaluator, { verdict, seconds: 0 })
      }
      const { text, completionTokens } = answer
      const judged = { callId: item, model, prompt, answer: text, attributes, completionTokens }
      return controlScore(subject, evaluator, await measuredVerdict(evaluator, judged, run.context))
    }),
  )
}

type ProbeAnswer =
  | { readonly kind: 'answer'; readonly text: string; readonly completionTokens: number | null }
  | { readonly kind: 'failure'; readonly reason: string }

const completion = z.looseObject({
  choices: z
    .array(z.looseObject({ message: z.looseObject({ content: z.string().nullish() }) }))
    .min(1),
  usage: z.looseObject({ completion_tokens: z.int() }).nullish(),
})

/** A model that does not answer has no verdict: that is the other axis' business. */
async function answerOf(run: ProbeRun, model: string, prompt: string): Promise<ProbeAnswer> {
  const { config, context } = run
  try {
    const response = await request(`${run.gatewayUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-equipoise-purpose': 'probe',
        'x-equipoise-route': 'probe',
        'x-equipoise-tenant': 'probe',
        ...(config.key === undefined ? {} : { authorization: `Bearer ${config.key}` }),
      },
      body: JSON.stringify({
        model,
        messages: [{ role: 'user', content: prompt }],
        temperature: 0,
        seed: 1,
        max_tokens: config.maxTokens,
      }),
      signal: AbortSignal.any([context.signal, AbortSignal.timeout(config.timeout)]),
    })
    const body = await response.body.text()
    if (response.statusCode !== 200) {
      return { kind: 'failure', reason: `HTTP ${response.statusCode}: ${body.slice(0, 200)}` }
    }
    const { choices, usage } = completion.parse(JSON.parse(body))
    const text = choices[0]?.message.content ?? ''
    return { kind: 'answer', text, completionTokens: usage?.completion_tokens ?? null }
  } catch (error) {
    context.signal.throwIfAborted()
    return { kind: 'failure', reason: `the model did not answer: ${messageOf(error)}` }
  }
}
