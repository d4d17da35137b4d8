import type { Accept } from '../records/record-kind.ts'
import type { Score } from '../records/score.ts'
import { callsWithoutVerdict, type ExpiredCall } from '../store/queries/answer-coverage.ts'
import type { Store } from '../store/store.ts'
import { type CompositeConfig, compositeName, compositeVersion } from './composite.ts'

/** The queue leaves answers alone after 24 hours; an hour more lets those under way end. */
const expiredAfterMs = 25 * 3_600_000
const mostAtOnce = 1_000

export interface ExpiryOptions {
  readonly project: string
  readonly store: Store
  readonly accept: Accept
  readonly composite: CompositeConfig
}

/**
 * Writes down of drawn answers that never had their turn that they were dropped, so that no answer is without a
 * score and without a reason.
 * @param span how far back to look (ms) and the moment (epoch ms)
 * @returns how many were written down
 */
export async function writeExpired(
  { project, store, accept, composite }: ExpiryOptions,
  { reachMs, atMs }: { readonly reachMs: number; readonly atMs: number },
): Promise<number> {
  const toMs = atMs - expiredAfterMs
  const query = { project, fromMs: toMs - reachMs, toMs, limit: mostAtOnce }
  const calls = await callsWithoutVerdict(store, query)
  if (calls.length === 0) return 0
  const version = compositeVersion(composite, [])
  await accept(
    'scores',
    calls.map((call) => droppedScore(call, version, atMs)),
  )
  return calls.length
}

function droppedScore(call: ExpiredCall, evaluatorVersion: string, atMs: number): Score {
  const { startedAtMs, totalSeconds, ...rest } = call
  const lagSeconds = (atMs - startedAtMs) / 1_000 - totalSeconds
  return {
    ...rest,
    callStartedAtMs: startedAtMs,
    scoredAtMs: atMs,
    evaluator: compositeName,
    evaluatorVersion,
    dimension: compositeName,
    value: null,
    label: '',
    reason: `too old: ${Math.round(lagSeconds / 3_600)} h passed without a turn of the evaluators`,
    outcome: 'dropped',
    latencySeconds: 0,
    lagSeconds: Math.max(0, lagSeconds),
    costUsd: 0,
  }
}
