import { createIngest, type ImportKind } from '../../sources/import/ingest.ts'
import { feedbackBody, labelOfFeedback } from '../../sources/import/label-row.ts'
import { rowContext } from '../../sources/import/row-context.ts'
import { rowsOfBody } from '../../sources/import/rows.ts'
import { acceptLabel } from './labels.ts'
import { callsById } from '../../store/queries/calls-by-id.ts'
import { callById } from '../../store/queries/stored-calls.ts'
import type { Access } from '../access/role-table.ts'
import type { ApiContext } from '../context.ts'
import { principalOf, readJson, type Route } from '../http.ts'
import { unknownCall } from './calls.ts'

/** Calls, scores and the rest as rows, and feedback of people. Good rows are durable before the answer. */
export function ingestRoutes(context: ApiContext): readonly Route[] {
  const ingest = createIngest({
    once: context.once,
    callsById: (ids) => callsById(context.store, context.config().project, ids),
  })
  const rowsRoute = (path: string, kind: ImportKind, access: Access): Route => ({
    method: 'POST',
    path,
    access,
    mostBytes: 16 * 1_024 * 1_024,
    answer: async (c) => {
      const rows = rowsOfBody(c.req.header('content-type') ?? '', await c.req.text())
      const answer = await ingest[kind](rows, rowContext(context.config(), context.now()))
      // Nothing to keep and something wrong: whoever looks at the status alone must notice.
      const isRefused = answer.rejected.length > 0 && answer.rejected.length === rows.length
      return c.json(answer, isRefused ? 400 : 200)
    },
  })
  return [
    rowsRoute('/api/v1/calls', 'calls', 'operator_or_ingest'),
    rowsRoute('/api/v1/scores', 'scores', 'operator_or_ingest'),
    rowsRoute('/api/v1/import/events', 'events', 'operator_or_ingest'),
    // Rows name their reviewers, so this is for those who may speak for them.
    rowsRoute('/api/v1/import/labels', 'labels', 'operator'),
    feedbackRoute(context),
  ]
}

function feedbackRoute(context: ApiContext): Route {
  return {
    method: 'POST',
    path: '/api/v1/feedback',
    access: 'operator_or_ingest',
    answer: async (c) => {
      const body = await readJson(c, feedbackBody)
      const config = context.config()
      const stored =
        body.model === undefined
          ? await callById(context.store, config.project, body.callId)
          : undefined
      const model = body.model ?? stored?.model
      if (model === undefined) throw unknownCall(body.callId)
      const by = principalOf(c).name
      const label = labelOfFeedback(body, { model, by }, rowContext(config, context.now()))
      await acceptLabel(context, 'feedback', c, label)
      return c.json({ label }, 202)
    },
  }
}
