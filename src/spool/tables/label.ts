import type { Label } from '../../records/label.ts'
import { float, text, time, word, type Table } from '../table.ts'

export const labels: Table<Label> = {
  name: 'labels',
  columns: [
    word('project', (label) => label.project),
    text('call_id', (label) => label.callId),
    word('model', (label) => label.model),
    word('reviewer', (label) => label.reviewer),
    word('question', (label) => label.question),
    time('labelled_at', (label) => label.labelledAtMs),
    float('value', (label) => label.value),
    text('comment', (label) => label.comment),
    word('draw', (label) => label.draw),
    float('draw_probability', (label) => label.drawProbability),
  ],
}
