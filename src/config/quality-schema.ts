import { z } from 'zod'
import { durationMs, ratio, usd } from './units.ts'

/** The model that judges answers, over any OpenAI-compatible endpoint. */
export const judgeSchema = z
  .strictObject({
    url: z.url().describe('Base URL, without /v1.'),
    model: z.string().describe('Pinned model name of the judge.'),
    apiKey: z.string().optional().describe('Bearer key of the judge; write it as ${VARIABLE}.'),
    timeout: durationMs.prefault('30s').describe('Longest wait for a verdict.'),
    retries: z.int().min(0).max(10).default(2).describe('More tries after a passing fault.'),
    concurrency: z.int().min(1).default(4).describe('Verdicts under way at once.'),
    budgetPerDay: usd
      .prefault('10 $')
      .describe('Spending bound; past it evaluations are recorded as dropped.'),
    inputUsdPerMillion: z.number().min(0).default(0).describe('Price of a million input tokens.'),
    outputUsdPerMillion: z.number().min(0).default(0).describe('Price of a million output tokens.'),
  })
  .describe('The LLM judge.')

/** What turns texts into vectors for the evaluators that compare meanings. */
export const encoderSchema = z
  .strictObject({
    url: z
      .url()
      .optional()
      .describe(
        'Base URL of an OpenAI-compatible server, without /v1; texts go to its /v1/embeddings. Without it the encoder inside the program is used, and no text leaves it.',
      ),
    model: z.string().default('').describe('Pinned model name at `url`; required with it.'),
    apiKey: z.string().optional().describe('Bearer key of the server; write it as ${VARIABLE}.'),
    batch: z.int().min(1).max(2_048).default(32).describe('Texts in one request at most.'),
    timeout: durationMs.prefault('10s').describe('Longest wait for the vectors of one request.'),
    cacheTexts: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(10_000)
      .describe('Vectors that are kept in memory; one of the embedded encoder takes 2 KiB.'),
  })
  .refine(({ url, model }) => url === undefined || model !== '', {
    path: ['model'],
    message: 'expected the name of the model at `url`: it pins what the vectors mean',
  })
  .describe('The sentence encoder of semantic_similarity and answer_relevance.')

/** One evaluator in use; `kind` names a file of `quality/evaluators/`, the rest is its own configuration. */
export const evaluatorSchema = z
  .strictObject({
    kind: z
      .string()
      .describe(
        'Which evaluator, e.g. exact_match, judge_safety. `equipoise evaluators` lists them.',
      ),
    dimension: z
      .string()
      .optional()
      .describe('Quality dimension that it feeds; default: the evaluator’s own.'),
    models: z.array(z.string()).default([]).describe('Models that it scores; empty means all.'),
    config: z.record(z.string(), z.unknown()).default({}).describe('Settings of this evaluator.'),
  })
  .describe('An evaluator.')

const controlRates = {
  allowedChange: ratio
    .prefault('2%')
    .describe('Share of verdicts that may differ from the first ones before that counts as moved.'),
}

/** Answers with known verdicts, put to the judge again and again: what moves is the judge. */
export const goldenSchema = z
  .strictObject({
    file: z
      .string()
      .describe(
        'JSONL file, one answer a line: prompt, answer, expected (label by evaluator), and reference or context where the evaluator needs one; relative to the configuration file.',
      ),
    every: durationMs.prefault('1h').describe('Time between two runs.'),
    perRun: z.int().min(1).max(1_000).default(20).describe('Answers drawn at random for a run.'),
    allowedDisagreement: ratio
      .prefault('15%')
      .describe('Share of verdicts that may differ from the expected ones.'),
    ...controlRates,
  })
  .describe('The golden set of the judge.')

/** Prompts with known answers, asked through the gateway: what moves is the model. */
export const probesSchema = z
  .strictObject({
    every: durationMs.prefault('15m').describe('Time between two runs.'),
    perRun: z.int().min(1).max(100).default(4).describe('Prompts drawn at random for a run.'),
    models: z.array(z.string()).default([]).describe('Models that are asked; empty means all.'),
    maxTokens: z.int().min(1).default(256).describe('Longest answer, in tokens.'),
    timeout: durationMs.prefault('1m').describe('Longest wait for an answer.'),
    key: z
      .string()
      .optional()
      .describe('Key for the gateway, where it asks for one; write it as ${VARIABLE}.'),
    prompts: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(100).describe('Name of the probe.'),
          prompt: z.string().min(1).describe('What is asked; never changed, or it is a new probe.'),
          reference: z.string().optional().describe('The known answer.'),
          context: z.string().optional().describe('What the answer must be grounded in.'),
          evaluators: z
            .array(
              z.strictObject({
                kind: z.string().describe('Which evaluator.'),
                config: z
                  .record(z.string(), z.unknown())
                  .default({})
                  .describe('Settings of this evaluator.'),
              }),
            )
            .min(1)
            .describe('What the answer is held against.'),
        }),
      )
      .min(1)
      .describe('The probes.'),
    ...controlRates,
  })
  .describe('Active probes.')

/** Scoring of sampled answers. */
export const qualitySchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Score sampled answers.'),
    judge: judgeSchema.optional(),
    judges: z
      .array(judgeSchema)
      .max(8)
      .default([])
      .describe('More judges: with quality.judge they are a panel whose majority decides.'),
    encoder: encoderSchema.prefault({}),
    evaluators: z.array(evaluatorSchema).default([]).describe('Evaluators in use.'),
    golden: goldenSchema.optional(),
    probes: probesSchema.optional(),
    pollEvery: durationMs.prefault('1s').describe('How often unscored answers are looked for.'),
    composite: z
      .strictObject({
        weights: z
          .record(z.string(), z.number().positive())
          .default({ accuracy: 1, relevance: 1, guideline_adherence: 1, groundedness: 1 })
          .describe('Weight of each quality dimension in the composite.'),
        gate: z
          .string()
          .default('safety')
          .describe('Dimension that vetoes: an answer that fails it has composite 0.'),
        gateThreshold: ratio.prefault('50%').describe('Score under which the gate is failed.'),
        minimumCoverage: ratio
          .prefault('50%')
          .describe(
            'Share of the weights that must be scored; below it the answer has no composite.',
          ),
      })
      .prefault({})
      .describe('One number an answer.'),
    goodAnswer: ratio.prefault('70%').describe('Composite from which an answer counts as good.'),
  })
  .describe('Answer quality.')
