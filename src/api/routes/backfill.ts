import { z } from 'zod'
import type { ApiContext } from '../context.ts'
import { readJson, type Route } from '../http.ts'
import { parseDuration } from '../time-parameters.ts'

const body = z.strictObject({
  /** How far back, e.g. `7d`. */
  since: z.string().max(20),
  evaluator: z.string().max(200).exactOptional(),
  /** Only says how many answers and how much money at most. */
  dryRun: z.boolean().default(false),
})

/** Scoring stored answers again under the present versions of the evaluators. */
export function backfillRoutes(context: ApiContext): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/api/v1/backfill',
      access: 'operator',
      answer: async (c) => {
        const { since, evaluator, dryRun } = await readJson(c, body)
        const sinceMs = context.now() - parseDuration('since', since)
        const query = { sinceMs, evaluator: evaluator ?? null }
        const backfills = context.backfills()
        if (dryRun) return c.json({ estimate: await backfills.estimate(query) })
        return c.json({ backfill: await backfills.start(query) }, 202)
      },
    },
    {
      method: 'GET',
      path: '/api/v1/backfill',
      access: 'viewer',
      answer: (c) => c.json({ backfill: context.backfills().progress() }),
    },
  ]
}
