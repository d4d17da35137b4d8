import { UserError } from '../../records/failure.ts'
import type { ApiContext } from '../context.ts'
import type { Route } from '../http.ts'
import { listWindow } from '../list-window.ts'
import { passMarks } from '../quality/judging-evidence.ts'
import { qualityReport } from '../quality/quality-report.ts'
import { parseCount } from '../time-parameters.ts'

const defaultExtraLabels = 40
const longestWindowMs = 92 * 86_400_000

/** `GET /api/v1/quality`: what evaluators say, what people would say, and what more labels would bring. */
export function qualityRoutes(context: ApiContext): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/quality',
      access: 'viewer',
      answer: async (c) => {
        const { model, dimension, labels } = c.req.query()
        const { fromMs, toMs } = listWindow(c, context.now())
        if (toMs - fromMs > longestWindowMs) {
          throw new UserError(
            `from ${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()} is longer than 92 days: ask for a shorter window`,
          )
        }
        const extra =
          labels === undefined ? defaultExtraLabels : parseCount('labels', labels, [1, 10_000])
        const config = context.config()
        const query = {
          project: config.project,
          fromMs,
          toMs,
          models: namesOf(model),
          dimensions: namesOf(dimension),
          passMarks: passMarks(config),
          questions: {},
        }
        return c.json(await qualityReport(context.store, query, extra))
      },
    },
  ]
}

/** Names with commas between; none means all. */
function namesOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
}
