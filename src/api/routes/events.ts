import { z } from 'zod'
import type { Event } from '../../records/event.ts'
import { uuidOf, uuidv7 } from '../../records/record-id.ts'
import { eventKey } from '../../records/record-key.ts'
import { eventsWithin } from '../../store/queries/board-events.ts'
import { countAtDoor } from '../../telemetry/doors.ts'
import { boardEvent } from '../board/load-board.ts'
import type { ApiContext } from '../context.ts'
import { idempotencyKey, readJson, type Route } from '../http.ts'
import { listWindow } from '../list-window.ts'
import { parseTime } from '../time-parameters.ts'

const mostAtOnce = 500

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

const eventBody = z.strictObject({
  /** Sent again with the same id and time, an event is still one event. */
  eventId: z.string().min(1).max(200).optional(),
  time: z.union([z.string(), z.int()]).optional(),
  kind: z.enum(kinds),
  model: z.string().max(200).default(''),
  title: z.string().min(1).max(500),
  detail: z.string().max(10_000).default(''),
  attributes: z.record(z.string().max(200), z.string().max(2_000)).default({}),
})

/** One event or a list of them. */
const eventsBody = z.preprocess((body) => [body].flat(), z.array(eventBody).min(1).max(mostAtOnce))

/** Reading and reporting what changed. */
export function eventRoutes(context: ApiContext): readonly Route[] {
  const path = '/api/v1/events'
  return [
    {
      method: 'GET',
      path,
      access: 'viewer',
      answer: async (c) => {
        const events = await eventsWithin(context.store, {
          project: context.config().project,
          ...listWindow(c, context.now()),
          models: [c.req.query('model') ?? ''].filter(Boolean),
        })
        return c.json({ events })
      },
    },
    {
      method: 'POST',
      path,
      access: 'operator_or_ingest',
      mostBytes: 1_024 * 1_024,
      answer: async (c) => {
        const body = await readJson(c, eventsBody)
        const given = idempotencyKey(c)
        const events = body.map((one, index) =>
          eventOf(
            context,
            one,
            given === null ? uuidv7(context.now()) : uuidOf(`${given} ${index}`),
          ),
        )
        const accepted = await context.once.records('events', events, eventKey)
        const counts = { received: body.length, accepted, duplicate: body.length - accepted }
        countAtDoor('events', 'events', counts, context.now())
        for (const event of events)
          context.live.publish({ kind: 'event', event: boardEvent(event) })
        return c.json({ accepted: events.length, eventIds: events.map((one) => one.eventId) }, 202)
      },
    },
  ]
}

function eventOf(context: ApiContext, body: z.output<typeof eventBody>, newId: string): Event {
  const { time, eventId, ...rest } = body
  const nowMs = context.now()
  const timeMs = time === undefined ? nowMs : parseTime('time', String(time), nowMs)
  return {
    project: context.config().project,
    eventId: eventId ?? newId,
    timeMs,
    ...rest,
  }
}
