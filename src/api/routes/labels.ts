import { z } from 'zod'
import type { Label, LabelDraw } from '../../records/label.ts'
import { callById } from '../../store/queries/stored-calls.ts'
import type { ApiContext } from '../context.ts'
import { principalOf, readJson, type Route } from '../http.ts'
import { unknownCall } from './calls.ts'

const draws = [
  'random',
  'disagreement',
  'low_confidence',
  'drift',
  'flagged',
] as const satisfies readonly LabelDraw[]

const labelBody = z.strictObject({
  callId: z.string().min(1).max(200),
  question: z.string().min(1).max(200),
  value: z.number().min(0).max(1),
  comment: z.string().max(10_000).default(''),
  /** A call that the reviewer came upon is `flagged`: it says nothing about the others. */
  draw: z.enum(draws).default('flagged'),
  drawProbability: z.number().gt(0).max(1).default(1),
})

/** A person's verdict on a call. */
export function labelRoutes(context: ApiContext): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/api/v1/labels',
      access: 'reviewer',
      answer: async (c) => {
        const body = await readJson(c, labelBody)
        const { project } = context.config()
        const call = await callById(context.store, project, body.callId)
        if (call === undefined) throw unknownCall(body.callId)
        const label: Label = {
          project,
          model: call.model,
          reviewer: principalOf(c).name,
          labelledAtMs: context.now(),
          ...body,
        }
        await context.accept('labels', [label])
        return c.json({ label }, 202)
      },
    },
  ]
}
