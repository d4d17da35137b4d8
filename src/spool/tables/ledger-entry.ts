import type { LedgerEntry } from '../../records/ledger-entry.ts'
import { float, nullableFloat, text, time, word, type Table } from '../table.ts'

export const ledger: Table<LedgerEntry> = {
  name: 'ledger',
  columns: [
    word('project', (entry) => entry.project),
    time('minute', (entry) => entry.minuteMs),
    word('node', (entry) => entry.node),
    word('owner', (entry) => entry.owner),
    word('model', (entry) => entry.model),
    word('component', (entry) => entry.component),
    float('gpus', (entry) => entry.gpus),
    float('cost_usd', (entry) => entry.costUsd),
    nullableFloat('idle_cost_usd', (entry) => entry.idleCostUsd),
    text('price_source', (entry) => entry.priceSource),
    word('price_date', (entry) => entry.priceDate),
  ],
}
