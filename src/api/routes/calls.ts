import { UserError } from '../../records/failure.ts'
import {
  callById,
  newestCalls,
  scoresOfCall,
  type StoredCall,
  type StoredScore,
  type StoredText,
} from '../../store/queries/stored-calls.ts'
import { mayReadText } from '../access/role-table.ts'
import type { ApiContext } from '../context.ts'
import { principalOf, type Route } from '../http.ts'
import { listWindow } from '../list-window.ts'

/** Calls and their scores. What was said is for reviewers and above. */
export function callRoutes(context: ApiContext): readonly Route[] {
  const { store } = context
  return [
    {
      method: 'GET',
      path: '/api/v1/calls',
      access: 'viewer',
      answer: async (c) => {
        const filter = {
          project: context.config().project,
          model: c.req.query('model') ?? '',
          ...listWindow(c, context.now()),
        }
        const calls = await newestCalls(store, filter, mayReadText(principalOf(c).role))
        return c.json({ calls })
      },
    },
    {
      method: 'GET',
      path: '/api/v1/calls/:id',
      access: 'viewer',
      answer: async (c) => {
        const id = c.req.param('id') ?? ''
        const { project } = context.config()
        const call = await callById(store, project, id)
        if (call === undefined) throw unknownCall(id)
        const scores = await scoresOfCall(store, project, id)
        if (mayReadText(principalOf(c).role)) return c.json({ call, scores })
        return c.json({
          call: withoutText(call),
          scores: scores.map(withoutReason),
        })
      },
    },
  ]
}

/** The refusal for a call id that the store does not hold. */
export function unknownCall(id: string): UserError {
  return new UserError(
    `no call ${JSON.stringify(id.slice(0, 100))} in this project: calls show up a few seconds after they end, and go when their retention ends`,
    { status: 404, code: 'call_unknown' },
  )
}

/** A judge's reason quotes the answer. */
function withoutReason({ reason: _reason, ...score }: StoredScore): Omit<StoredScore, 'reason'> {
  return score
}

function withoutText(call: StoredCall & StoredText): StoredCall {
  const { prompt: _p, answer: _a, errorMessage: _e, attributes: _t, ...rest } = call
  return rest
}
