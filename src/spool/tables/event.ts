import type { Event } from '../../records/event.ts'
import { pairs, text, time, word, type Table } from '../table.ts'

export const events: Table<Event> = {
  name: 'events',
  columns: [
    word('project', (event) => event.project),
    text('event_id', (event) => event.eventId),
    time('time', (event) => event.timeMs),
    word('kind', (event) => event.kind),
    word('model', (event) => event.model),
    text('title', (event) => event.title),
    text('detail', (event) => event.detail),
    pairs('attributes', (event) => event.attributes),
  ],
}
