// People's verdicts and feedback, and what changed, as files and clients write them.
import { z } from 'zod'
import type { Event } from '../../records/event.ts'
import type { Label } from '../../records/label.ts'
import { uuidv7 } from '../../records/record-id.ts'
import { rowTexts, type RowContext } from './row-context.ts'
import { identifier, name, time, words } from './row-fields.ts'

const draws = [
  'random',
  'disagreement',
  'low_confidence',
  'drift',
  'flagged',
] as const satisfies readonly Label['draw'][]

export const labelRow = z.strictObject({
  callId: identifier,
  model: identifier,
  reviewer: identifier,
  question: identifier,
  labelledAt: time,
  value: z.number().min(0).max(1),
  comment: z.string().default(''),
  /** Somebody came upon the call: it says nothing about the others. */
  draw: z.enum(draws).default('flagged'),
  drawProbability: z.number().gt(0).max(1).default(1),
})

/** The record of a row, its comment redacted. */
export function labelOfRow(row: z.output<typeof labelRow>, context: RowContext): Label {
  const { labelledAt, ...rest } = row
  return {
    ...rest,
    project: context.project,
    labelledAtMs: labelledAt,
    comment: rowTexts(context).line(row.comment),
  }
}

const kinds = [
  'deploy',
  'config',
  'prompt_version',
  'scale',
  'price',
  'evaluator_version',
  'fault',
  'alert',
] as const satisfies readonly Event['kind'][]

export const eventRow = z.strictObject({
  eventId: identifier.exactOptional(),
  time,
  kind: z.enum(kinds),
  model: name.default(''),
  title: z.string().min(1).max(500),
  detail: z.string().max(10_000).default(''),
  attributes: words.default({}),
})

/** The record of a row. */
export function eventOfRow(row: z.output<typeof eventRow>, { project }: RowContext): Event {
  const { time: timeMs, eventId, ...rest } = row
  return { ...rest, project, timeMs, eventId: eventId ?? uuidv7(timeMs) }
}

export const feedbackBody = z.strictObject({
  callId: identifier,
  value: z.union([z.literal('up'), z.literal('down'), z.number().min(0).max(1)], {
    error: 'expected "up", "down" or a number from 0 (bad) to 1 (good)',
  }),
  comment: z.string().max(10_000).default(''),
  /** Who gave it, as the application calls them; the same person's later word replaces the earlier. */
  user: name.default(''),
  /** Spares the look-up of a call that is not stored yet. */
  model: identifier.exactOptional(),
})

/** The label that a person's feedback is. @param by who sent it, where the body names nobody */
export function labelOfFeedback(
  body: z.output<typeof feedbackBody>,
  { model, by }: { readonly model: string; readonly by: string },
  context: RowContext,
): Label {
  const texts = rowTexts(context)
  const value = body.value === 'up' ? 1 : body.value === 'down' ? 0 : body.value
  return {
    project: context.project,
    callId: body.callId,
    model,
    reviewer: body.user === '' ? by : texts.line(body.user),
    question: 'feedback',
    labelledAtMs: context.nowMs,
    value,
    comment: texts.line(body.comment),
    draw: 'flagged',
    drawProbability: 1,
  }
}
