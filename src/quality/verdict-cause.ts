import type { ScoreOutcome } from '../records/score.ts'

/** Why an evaluation gave no score, as one word of a short list, fit for the label of a metric. */
export function verdictCause(outcome: Exclude<ScoreOutcome, 'scored'>, reason: string): string {
  return causes[outcome].find(([pattern]) => pattern.test(reason))?.[1] ?? 'other'
}

type Causes = readonly (readonly [pattern: RegExp, cause: string])[]

const money: Causes = [
  [/budget of .* is used up/, 'budget'],
  [/cannot be written down/, 'spend_record'],
]

const causes: Readonly<Record<Exclude<ScoreOutcome, 'scored'>, Causes>> = {
  failed: [
    [/nonsense|which the rubric has not/, 'nonsense'],
    [/the judge answered HTTP 429/, 'rate_limited'],
    [/the judge answered HTTP 5\d\d/, 'server_error'],
    [/the judge answered HTTP/, 'refused'],
    [/did not answer within/, 'timeout'],
    [/no connection to the judge/, 'no_connection'],
    [/no judge is configured/, 'no_judge'],
    ...money,
  ],
  dropped: [...money, [/too old/, 'expired']],
  skipped: [
    [/has no attribute/, 'missing_input'],
    [/not_applicable|no guideline applies/, 'not_applicable'],
    [/has no score/, 'gate_unknown'],
    [/of the weights are scored/, 'coverage'],
  ],
}
