import { hash, text, time, word, type Table } from '../table.ts'

/** A long text under its hash. Kept from `usedUntilMs` as long as content is kept. */
export interface TextRow {
  readonly project: string
  readonly hash: string
  /** Epoch ms; calls that started before it refer to this row and need no newer one. */
  readonly usedUntilMs: number
  readonly text: string
}

export const texts: Table<TextRow> = {
  name: 'texts',
  timeMs: (row) => row.usedUntilMs,
  columns: [
    word('project', (row) => row.project),
    hash('hash', (row) => row.hash),
    time('used_until', (row) => row.usedUntilMs),
    text('text', (row) => row.text),
  ],
}
