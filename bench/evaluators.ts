// How fast the evaluators without a judge are, and how well each tells the answers that people called hallucinated
// from the others. Most of them ask something else, and the figures say so.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { embeddedEncoder } from '../src/quality/embedded-encoder.ts'
import { embeddedEncoderName, type Encoder } from '../src/quality/encoder.ts'
import type {
  OpenEvaluator,
  PreparedEvaluator,
  Subject,
  Verdict,
} from '../src/quality/evaluator.ts'
import { evaluators as registered } from '../src/quality/registry.ts'
import { areaUnderCurve } from '../src/stats/auc.ts'
import type { Benchmark } from './benchmark.ts'

export const evaluators: Benchmark = {
  name: 'evaluators',
  summary: 'evaluators without a judge over real answers: speed, and AUC against human labels',
  options: {
    data: 'JSONL with user_query, chatgpt_response, hallucination (default: the HaluEval answers)',
    answers: 'answers that the text rules score (default: all)',
    embedded: 'answers that are encoded, evenly spread over the file (default 200)',
  },
  run,
}

async function run(options: Readonly<Record<string, string>>) {
  const rows = await labelled(options['data'] ?? '')
  const answers = rows.slice(0, Number(options['answers'] ?? rows.length))
  console.log(header)
  const found: Found[] = []
  for (const evaluator of registered.filter(isTextRule)) {
    const measured = await measure(evaluator, withMaterial(evaluator, answers), undefined)
    print(measured)
    found.push(measured)
  }
  // Without the cache, so that each text is really encoded.
  const encoder = embeddedEncoder(embeddedEncoderName)
  const spread = every(rows, Number(options['embedded'] ?? 200))
  const encoded: Found[] = []
  for (const evaluator of registered.filter(({ needs }) => needs.includes('encoder'))) {
    const measured = await measure(evaluator, withMaterial(evaluator, spread), encoder)
    print(measured)
    encoded.push(measured)
  }
  await encoder.close()
  return {
    evaluations_per_s: Math.round(perSecond(found)),
    slowest_evaluations_per_s: Math.round(Math.min(...found.map((each) => perSecond([each])))),
    // Each evaluation encodes two texts.
    embeddings_per_s: Math.round(10 * 2 * perSecond(encoded)) / 10,
    answers: answers.length,
    auc: Object.fromEntries([...found, ...encoded].flatMap((each) => aucEntry(each))),
  }
}

/** Left out: what needs other code, starts a process for each answer, or has settings without a default. */
function isTextRule({ kind, needs, needsJudge }: OpenEvaluator): boolean {
  const foreign = ['custom_file', 'http_evaluator', 'code_runs']
  return !needsJudge && !needs.includes('encoder') && !foreign.includes(kind)
}

interface Labelled {
  readonly subject: Subject
  /** Whether people found no hallucination. */
  readonly good: boolean
  /** The answer of the next row, for evaluators that need something to compare with. */
  readonly other: string
}

/** The file has no references, contexts or repeats: stand-ins make the work real and the verdict meaningless. */
function withMaterial({ needs }: OpenEvaluator, rows: readonly Labelled[]): readonly Labelled[] {
  if (!needs.some((need) => ['reference', 'context', 'answers'].includes(need))) return rows
  return rows.map(({ subject, good, other }) => {
    const attributes = {
      reference: other,
      context: `${other}\n\n${subject.answer}`,
      answers: JSON.stringify([other, subject.answer]),
    }
    // Sentences are cited so that the check of citations has something to do.
    const cited = { ...subject, answer: `${subject.answer} [1].`, attributes }
    return { subject: needs.includes('context') ? cited : { ...subject, attributes }, good, other }
  })
}

interface Found {
  readonly kind: string
  readonly evaluations: number
  readonly scored: number
  readonly cpuSeconds: number
  /** `null` where the file cannot say: stand-ins, or one kind of label only. */
  readonly auc: ReturnType<typeof areaUnderCurve>
  readonly distinct: number
}

async function measure(
  evaluator: OpenEvaluator,
  rows: readonly Labelled[],
  encoder: Encoder | undefined,
): Promise<Found> {
  const prepared = evaluator.prepare(settings.get(evaluator.kind) ?? {}, '')
  // A first round compiles the patterns and opens the encoder.
  await verdicts(prepared, rows.slice(0, encoder === undefined ? 50 : 1), encoder)
  const before = process.cpuUsage()
  const made = await verdicts(prepared, rows, encoder)
  const spent = process.cpuUsage(before)
  const scores = rows.flatMap(({ good }, index) => {
    const verdict = made[index]
    return verdict?.outcome === 'scored' ? [{ good, value: verdict.value }] : []
  })
  const standIn = evaluator.needs.some((need) => need !== 'encoder')
  const valuesOf = (wanted: boolean) =>
    scores.filter(({ good }) => good === wanted).map(({ value }) => value)
  return {
    kind: evaluator.kind,
    evaluations: rows.length,
    scored: scores.length,
    cpuSeconds: (spent.user + spent.system) / 1e6,
    auc: standIn ? null : areaUnderCurve(valuesOf(true), valuesOf(false)),
    distinct: new Set(scores.map(({ value }) => value)).size,
  }
}

const settings: ReadonlyMap<string, object> = new Map([
  ['contains', { none: ['/as an ai/i'] }],
  ['length', { unit: 'characters', maximum: 600 }],
])

async function verdicts(
  evaluator: PreparedEvaluator,
  rows: readonly Labelled[],
  encoder: Encoder | undefined,
): Promise<readonly Verdict[]> {
  const { signal } = new AbortController()
  const context = encoder === undefined ? { judge: null, signal } : { judge: null, encoder, signal }
  const made: Verdict[] = []
  for (const { subject } of rows) made.push(await evaluator.evaluate(subject, context))
  return made
}

const rowSchema = z.object({
  ID: z.string(),
  user_query: z.string(),
  chatgpt_response: z.string(),
  hallucination: z.enum(['yes', 'no']),
})

async function labelled(file: string): Promise<readonly Labelled[]> {
  const folder = process.env['EQUIPOISE_DATA'] ?? '../shared/data'
  const path = resolve(file === '' ? join(folder, 'halueval-general-4000.jsonl') : file)
  if (!existsSync(path)) throw new Error(`there is no ${path}: set EQUIPOISE_DATA or --data`)
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '')
  const rows = lines.map((line) => rowSchema.parse(JSON.parse(line)))
  return rows.map((row, index) => ({
    subject: {
      callId: row.ID,
      model: 'chatgpt',
      prompt: row.user_query,
      answer: row.chatgpt_response,
      attributes: {},
      completionTokens: null,
    },
    good: row.hallucination === 'no',
    other: rows[(index + 1) % rows.length]?.chatgpt_response ?? '',
  }))
}

/** That many items, evenly spread: the file is not in random order. */
function every<Item>(items: readonly Item[], count: number): readonly Item[] {
  const step = Math.max(1, items.length / count)
  return items.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step))
}

function cpuSeconds(found: readonly Found[]): number {
  return found.reduce((sum, each) => sum + each.cpuSeconds, 0)
}

/** Evaluations for each second of processor time, which other programs on the machine do not change much. */
function perSecond(found: readonly Found[]): number {
  return found.reduce((sum, { evaluations }) => sum + evaluations, 0) / cpuSeconds(found)
}

/** An evaluator that says the same of every answer has no AUC to speak of. */
function aucEntry({ kind, auc, distinct }: Found): [string, object][] {
  if (auc === null || distinct < 2) return []
  const { value, lower, upper, n } = auc
  return [[kind, { value: rounded(value), lower: rounded(lower), upper: rounded(upper), n }]]
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000
}

const header = `${''.padEnd(24)}${'answers'.padStart(9)}${'scored'.padStart(9)}${'a core-second'.padStart(15)}   AUC against "no hallucination" [95 %]`

function print(found: Found): void {
  const { kind, evaluations, scored, auc, distinct } = found
  const [entry] = aucEntry(found)
  const range =
    entry === undefined || auc === null
      ? distinct < 2
        ? 'all alike'
        : 'not on this file'
      : `${auc.value.toFixed(3)} [${auc.lower.toFixed(3)}, ${auc.upper.toFixed(3)}] n ${auc.n}`
  const cells = [evaluations, scored].map((cell) => String(cell).padStart(9)).join('')
  console.log(
    `${kind.padEnd(24)}${cells}${Math.round(perSecond([found]))
      .toString()
      .padStart(15)}   ${range}`,
  )
}
