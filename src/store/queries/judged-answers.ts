// Judged answers beside people's labels of them: what calibration is made of.
import type { Store } from '../store.ts'
import { modelWanted, within } from './board-window.ts'

/** Sums over scored answers with weight w = 1 / inclusion probability. */
export interface ScoreSums {
  readonly scored: number
  readonly weight: number
  readonly weightSquared: number
  readonly weightedValue: number
  readonly weightedValueSquared: number
  readonly weightSquaredValue: number
  readonly weightSquaredValueSquared: number
}

/** One version of one evaluator on one dimension of one model's answers. */
export interface Judging {
  readonly model: string
  readonly dimension: string
  readonly evaluator: string
  readonly evaluatorVersion: string
}

/** Its scores in a window, by whether they reached the pass mark of the dimension. */
export interface JudgedSums extends Judging {
  readonly passed: ScoreSums
  readonly failed: ScoreSums
}

/** What people said of an answer that it scored. */
export interface LabelledJudging extends Judging {
  /** Epoch milliseconds. */
  readonly callStartedAtMs: number
  readonly score: number
  readonly samplingProbability: number
  /** Mean over the people who labelled the answer. */
  readonly truth: number
  /** Whether all of them said 0 or 1. */
  readonly isVerdict: boolean
  readonly drawProbability: number
}

export interface JudgedQuery {
  readonly project: string
  /** Epoch milliseconds; `toMs` is exclusive. */
  readonly fromMs: number
  readonly toMs: number
  /** Models and dimensions wanted; empty means all. */
  readonly models: readonly string[]
  readonly dimensions: readonly string[]
  /** Score from which a dimension's answer passes. */
  readonly passMarks: Readonly<Record<string, number>>
  /** Questions whose name is not that of the dimension they ask about. */
  readonly questions: Readonly<Record<string, string>>
}

/** Where no mark is set for a dimension. */
export const usualPassMark = 0.5

/** More labels of a model and dimension than this: the newest, whose interval is narrow already. */
const mostLabels = 20_000

/** More rows than this would be evaluator versions by the hundred. */
const mostRows = 1_000

/** Sums of the window's scores by model, dimension, evaluator and version, the busiest first. */
export function judgedSums(store: Store, query: JudgedQuery): Promise<readonly JudgedSums[]> {
  return store.query<JudgedSums>(
    `SELECT model, dimension, evaluator, evaluator_version AS evaluatorVersion,
      ${sums('passes')} AS passed, ${sums('NOT passes')} AS failed
    FROM (
      SELECT model, dimension, evaluator, evaluator_version, assumeNotNull(value) AS v,
        1 / sampling_probability AS w,
        v >= transform(dimension, {marked:Array(String)}, {marks:Array(Float64)}, ${usualPassMark}) AS passes
      FROM scores
      WHERE project = {project:String} AND ${modelWanted} AND ${dimensionWanted}
        AND ${within('call_started_at')} AND outcome = 'scored' AND value IS NOT NULL
    )
    GROUP BY model, dimension, evaluator, evaluator_version
    ORDER BY model, dimension, count() DESC, evaluator, evaluator_version LIMIT ${mostRows}`,
    parametersOf(query),
  )
}

/**
 * Labels of the window's answers beside each score of the same dimension. Labels of calls that somebody merely came
 * upon are left out: nobody knows how likely that was.
 */
export function labelledJudgings(
  store: Store,
  query: JudgedQuery,
): Promise<readonly LabelledJudging[]> {
  return store.query<LabelledJudging>(
    `WITH people AS (
      SELECT ${asksAbout} AS asked, call_id, avg(value) AS truth,
        toBool(countIf(value NOT IN (0, 1)) = 0) AS isVerdict, max(draw_probability) AS drawn
      FROM labels FINAL
      WHERE ${labelsWanted}
      GROUP BY model, asked, call_id
      ORDER BY max(labelled_at) DESC LIMIT ${mostLabels} BY model, asked
    )
    SELECT model, dimension, evaluator, evaluator_version AS evaluatorVersion,
      toUnixTimestamp64Milli(call_started_at) AS callStartedAtMs, assumeNotNull(value) AS score,
      sampling_probability AS samplingProbability, truth, isVerdict, drawn AS drawProbability
    FROM scores INNER JOIN people ON scores.call_id = people.call_id AND scores.dimension = people.asked
    WHERE project = {project:String} AND ${modelWanted} AND ${dimensionWanted}
      AND ${within('call_started_at')} AND outcome = 'scored' AND value IS NOT NULL
      AND scores.call_id IN (SELECT call_id FROM people)
    ORDER BY model, dimension, evaluator, evaluator_version, call_started_at, call_id
    LIMIT 1 BY model, dimension, evaluator, evaluator_version, call_id`,
    parametersOf(query),
  )
}

/** Models and dimensions that people labelled since the window began. Reads labels alone. */
export async function labelledDimensions(
  store: Store,
  query: JudgedQuery,
): Promise<Pick<JudgedQuery, 'models' | 'dimensions'>> {
  const [row] = await store.query<Pick<JudgedQuery, 'models' | 'dimensions'>>(
    `SELECT groupUniqArray(1000)(toString(model)) AS models,
      groupUniqArray(1000)(toString(${asksAbout})) AS dimensions
    FROM labels WHERE ${labelsWanted}`,
    parametersOf(query),
  )
  return row ?? { models: [], dimensions: [] }
}

const dimensionWanted = `(empty({dimensions:Array(String)}) OR has({dimensions:Array(String)}, dimension))`

const asksAbout = `transform(question, {questions:Array(String)}, {asked:Array(String)}, toString(question))`

// A label is later than the call that it is about. It may come after the window's end.
const labelsWanted = `project = {project:String} AND ${modelWanted} AND draw != 'flagged' AND draw_probability > 0
        AND labelled_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
        AND (empty({dimensions:Array(String)}) OR has({dimensions:Array(String)}, ${asksAbout}))`

function sums(condition: string): string {
  const columns = {
    scored: `toUInt32(countIf(${condition}))`,
    weight: `sumIf(w, ${condition})`,
    weightSquared: `sumIf(w * w, ${condition})`,
    weightedValue: `sumIf(w * v, ${condition})`,
    weightedValueSquared: `sumIf(w * v * v, ${condition})`,
    weightSquaredValue: `sumIf(w * w * v, ${condition})`,
    weightSquaredValueSquared: `sumIf(w * w * v * v, ${condition})`,
  } satisfies Record<keyof ScoreSums, string>
  const types = Object.keys(columns).map(
    (name) => `${name} ${name === 'scored' ? 'UInt32' : 'Float64'}`,
  )
  return `CAST((${Object.values(columns).join(', ')}), 'Tuple(${types.join(', ')})')`
}

function parametersOf(query: JudgedQuery) {
  return {
    project: query.project,
    from: query.fromMs,
    to: query.toMs,
    models: query.models,
    dimensions: query.dimensions,
    marked: Object.keys(query.passMarks),
    marks: Object.values(query.passMarks),
    questions: Object.keys(query.questions),
    asked: Object.values(query.questions),
  }
}
