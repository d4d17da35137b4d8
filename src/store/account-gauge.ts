// The spool's accounts on /metrics. The store's side is counted by the doctor only: it reads whole tables.
import { Gauge } from 'prom-client'
import { spoolAccounts, type HandOverView } from '../spool/spool-accounts.ts'
import { registry } from '../telemetry/metrics.ts'

type Look = () => Promise<readonly (readonly [table: string, place: string, rows: number])[]>

let look: Look = () => Promise.resolve([])

const gauge = new Gauge({
  name: 'equipoise_accepted_records',
  help: 'Records acknowledged since ever, by table and by where they are: handed_over to the store, waiting in the spool, or quarantined.',
  labelNames: ['table', 'place'],
  registers: [registry],
  async collect() {
    const rows = await look().catch(() => [])
    gauge.reset()
    for (const [table, place, count] of rows) gauge.inc({ table, place }, count)
  },
})

/** Shows the accounts of these spools from now on, read from disk at each scrape. */
export function exposeAccounts(directories: readonly string[], handOvers: HandOverView): void {
  look = async () => {
    const accounts = await spoolAccounts(directories, handOvers)
    return accounts.flatMap(({ table, handedOver, waiting, quarantined }) => [
      [table, 'handed_over', handedOver] as const,
      [table, 'waiting', waiting] as const,
      [table, 'quarantined', quarantined] as const,
    ])
  }
}
