import { z } from 'zod'
import type { Label, LabelDraw } from '../../records/label.ts'
import { labelKey } from '../../records/record-key.ts'
import { countAtDoor } from '../../telemetry/doors.ts'
import { callById } from '../../store/queries/stored-calls.ts'
import type { ApiContext } from '../context.ts'
import { idempotencyKey, principalOf, readJson, type ApiRequest, type Route } from '../http.ts'
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
        await acceptLabel(context, 'labels', c, label)
        return c.json({ label }, 202)
      },
    },
  ]
}

/** Keeps a label once: under the request's idempotency key, else as the verdict of this moment. */
export async function acceptLabel(
  context: ApiContext,
  door: 'labels' | 'feedback',
  c: ApiRequest,
  label: Label,
): Promise<void> {
  const given = idempotencyKey(c)
  const keyOf = given === null ? labelKey : () => given
  const accepted = await context.once.records('labels', [label], keyOf)
  const counts = { received: 1, accepted, duplicate: 1 - accepted }
  countAtDoor(door, 'labels', counts, context.now())
}
