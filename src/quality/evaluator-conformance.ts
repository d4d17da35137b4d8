// What every evaluator must hold, whatever it asks. Each evaluator's test calls this suite first.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { unitVector, type Encoder } from './encoder.ts'
import { type Evaluator, open, type Subject, type Verdict } from './evaluator.ts'
import type { Judge, JudgeAnswer } from './judge.ts'

/** A subject with everything that an evaluator may need, to be overridden in parts. */
export function subjectOf(parts: Partial<Subject> = {}): Subject {
  return {
    callId: '019a0000-0000-7000-8000-000000000001',
    model: 'gpt-oss-20b',
    prompt: 'Name the capital of Peru, please.',
    answer: 'The capital of Peru is Lima.',
    attributes: {},
    completionTokens: 7,
    ...parts,
  }
}

/** A judge that gives the same answer to every question and remembers what it was asked. */
export function fixedJudge(answer: Partial<JudgeAnswer> & { readonly label?: string }): Judge & {
  readonly asked: { readonly system: string; readonly user: string }[]
} {
  const asked: { system: string; user: string }[] = []
  return {
    asked,
    model: 'judge-1',
    ask(question) {
      asked.push({ system: question.system, user: question.user })
      const spent = { costUsd: 0.001, latencySeconds: 0.25 }
      const { outcome = 'answered', label = question.labels[0] ?? '', reason = 'said so' } = answer
      return Promise.resolve(
        outcome === 'answered'
          ? { outcome, label, reason, ...spent }
          : { outcome, reason, ...spent },
      )
    },
    charge: () => undefined,
    stats: () => ({ underWay: 0, waiting: 0, spentTodayUsd: 0, budgetUsd: 0 }),
    close: () => Promise.resolve(),
  }
}

/** An encoder whose vectors hold the words of a text: equal texts have cosine 1, texts without a common word about 0. */
export const wordEncoder: Encoder = {
  name: 'words-1',
  encode: (texts) => Promise.resolve(texts.map(wordVector)),
  close: () => Promise.resolve(),
}

function wordVector(text: string): Float32Array {
  const counts = new Float32Array(4_096)
  for (const word of text.toLowerCase().match(/[^\s.,;:!?]+/g) ?? ['']) {
    let place = 7
    for (const character of word) place = (place * 31 + (character.codePointAt(0) ?? 0)) % 4_096
    counts[place] = (counts[place] ?? 0) + 1
  }
  return unitVector(counts)
}

/** Verdict of an evaluator with a raw configuration, as the file would hold it. */
export function verdictOf<Config>(
  evaluator: Evaluator<Config>,
  subject: Partial<Subject>,
  options: { readonly config?: unknown; readonly judge?: Judge; readonly encoder?: Encoder } = {},
): Promise<Verdict> {
  const prepared = open(evaluator).prepare(options.config ?? {}, 'judge-1')
  const { judge = null, encoder = wordEncoder } = options
  const context = { judge, encoder, signal: new AbortController().signal }
  return prepared.evaluate(subjectOf(subject), context)
}

/** A subject, and the label that the judge gives it where one is asked. */
type Case = Partial<Subject> & { readonly judgeLabel?: string }

export interface ConformanceCases {
  /** A valid configuration. */
  readonly config?: unknown
  /** One that changes verdicts, where there is a setting. */
  readonly otherConfig?: unknown
  /** Scores 1 under `config`. */
  readonly good: Case
  /** Scores less. */
  readonly bad: Case
}

/** The conformance suite. */
export function testEvaluator<Config>(evaluator: Evaluator<Config>, cases: ConformanceCases): void {
  const judged = ({ judgeLabel, ...subject }: Case) => {
    const judge = fixedJudge(judgeLabel === undefined ? {} : { label: judgeLabel })
    return verdictOf(evaluator, subject, { config: cases.config ?? {}, judge })
  }
  describe(`conformance of ${evaluator.kind}`, () => {
    testIdentity(evaluator, cases)
    testVerdicts(judged, cases)
    if (evaluator.needsJudge) testJudgeFaults(evaluator, cases)
  })
}

function testIdentity<Config>(evaluator: Evaluator<Config>, cases: ConformanceCases): void {
  const { config = {}, otherConfig } = cases
  const opened = open(evaluator)

  test('it says what it is', () => {
    expect(evaluator.kind).toMatch(/^[a-z]+(_[a-z]+)*$/)
    expect(evaluator.dimension).toMatch(/^[a-z]+(_[a-z]+)*$/)
    expect(evaluator.summary).toMatch(/^[A-Z].+\.$/)
    expect(evaluator.needsJudge).toBe(evaluator.kind.startsWith('judge_'))
  })

  test('each setting is described, and an unknown one is refused', () => {
    const schema = z.toJSONSchema(evaluator.config, { io: 'input' })
    for (const [name, setting] of Object.entries(schema.properties ?? {})) {
      expect(setting, name).toHaveProperty('description')
    }
    expect(() => opened.prepare({ noSuchSetting: 1 }, 'judge-1')).toThrow(evaluator.kind)
  })

  test('its version pins settings and judge', () => {
    const { version } = opened.prepare(config, 'judge-1')
    expect(opened.prepare(config, 'judge-1').version).toBe(version)
    expect(opened.prepare(config, 'judge-2').version !== version).toBe(evaluator.needsJudge)
    if (evaluator.needs?.includes('encoder') === true) {
      expect(opened.prepare(config, 'judge-1', 'another').version).not.toBe(version)
    }
    if (otherConfig !== undefined) {
      expect(opened.prepare(otherConfig, 'judge-1').version).not.toBe(version)
    }
  })
}

function testVerdicts(judged: (subject: Case) => Promise<Verdict>, cases: ConformanceCases): void {
  test('1 is good', async () => {
    const good = await judged(cases.good)
    const bad = await judged(cases.bad)
    expect(good).toMatchObject({ outcome: 'scored', value: 1 })
    expect(bad).toMatchObject({ outcome: 'scored' })
    expect('value' in bad ? bad.value : 1).toBeLessThan(1)
  })

  test('any text gets a verdict with a reason, and only a score has a value', async () => {
    // Any UTF-16 code unit, lone surrogates and control characters included.
    const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code))
    const text = fc.oneof(fc.string({ unit }), fc.string({ maxLength: 400 }))
    const attributes = fc.record({ reference: text, context: text }, { requiredKeys: [] })
    await fc.assert(
      fc.asyncProperty(text, text, attributes, async (prompt, answer, given) => {
        const verdict = await judged({ prompt, answer, attributes: given })
        expect(verdict.reason).not.toBe('')
        expect(verdict.outcome === 'scored').toBe('value' in verdict)
        if (verdict.outcome !== 'scored') return
        expect(verdict.value).toBeGreaterThanOrEqual(0)
        expect(verdict.value).toBeLessThanOrEqual(1)
        expect(verdict.label).not.toBe('')
      }),
      { numRuns: 40 },
    )
  })
}

function testJudgeFaults<Config>(evaluator: Evaluator<Config>, cases: ConformanceCases): void {
  const { config = {} } = cases
  const { judgeLabel: _, ...subject } = cases.good

  test('a judge that failed or was not asked leaves no value', async () => {
    for (const outcome of ['failed', 'dropped'] as const) {
      const judge = fixedJudge({ outcome, reason: 'why' })
      const verdict = await verdictOf(evaluator, subject, { config, judge })
      expect(verdict).toMatchObject({ outcome, reason: 'why' })
      expect(verdict).not.toHaveProperty('value')
    }
  })

  test('cost and the judge’s own latency are kept', async () => {
    const verdict = await verdictOf(evaluator, subject, { config, judge: fixedJudge({}) })
    expect(verdict.costUsd).toBeGreaterThan(0)
    expect(verdict.latencySeconds).toBe(0.25)
  })
}
