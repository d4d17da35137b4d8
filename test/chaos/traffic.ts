// Mixed ingest: every door at once, and a file being imported, until told to finish.
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { runToEnd } from '../running-program.ts'
import { startClient, type MakeBatch, type RunningClient } from './client.ts'
import type { Ledger } from './ledger.ts'
import { evaluationClient, metricClient, traceClient } from './otlp-clients.ts'
import {
  callRow,
  callsByRow,
  eventsByRow,
  labelsByRow,
  remoteWriteClient,
  rowsClient,
  scoresByRow,
} from './row-clients.ts'

export interface Traffic {
  /** Resolves when all that was sent is acknowledged. */
  finish(): Promise<void>
  /** Ends the clients with what they have not delivered. */
  abandon(): Promise<void>
}

export interface TrafficOptions {
  /** Address of the hub; the same after each restart. */
  readonly url: string
  readonly ledger: Ledger
  /** Where files to import are written; `null` = nothing is imported. */
  readonly importDirectory: string | null
  readonly pauseMs?: number
  readonly onMoment?: (moment: 'sent' | 'acknowledged') => void
}

/** Starts one client for each door. */
export function startTraffic(options: TrafficOptions): Traffic {
  const { url, ledger, importDirectory, pauseMs = 40, onMoment = () => undefined } = options
  const giveUp = new AbortController()
  const { signal } = giveUp
  const running = Object.entries(makersOf(url)).map(([name, make]) =>
    startClient({ name, url, ledger, make, pauseMs, signal, onMoment }),
  )
  if (importDirectory !== null)
    running.push(startImports({ url, ledger, signal, directory: importDirectory }))
  const finish = async () => {
    await Promise.all(running.map(async (client) => await client.finish()))
  }
  return {
    finish,
    abandon: async () => {
      giveUp.abort()
      await finish().catch(() => undefined)
    },
  }
}

/** Names of the clients. */
export const clientNames = [
  'traces',
  'evaluations',
  'metrics',
  'remote write',
  'calls',
  'scores',
  'labels',
  'events',
] as const

function makersOf(url: string): Readonly<Record<(typeof clientNames)[number], MakeBatch>> {
  return {
    traces: traceClient(url, 20),
    evaluations: evaluationClient(url, 20),
    metrics: metricClient(url, 20),
    'remote write': remoteWriteClient(50),
    calls: rowsClient(callsByRow, 20),
    scores: rowsClient(scoresByRow, 20),
    labels: rowsClient(labelsByRow, 10),
    events: rowsClient(eventsByRow, 5),
  }
}

const importedRows = 2_500

interface Imports {
  readonly url: string
  readonly ledger: Ledger
  readonly signal: AbortSignal
  readonly directory: string
}

/** Imports file after file; an import that the hub's death ended is started again, as a person would. */
function startImports({ url, ledger, signal, directory }: Imports): RunningClient {
  const state = { isFinishing: false }
  const run = async () => {
    for (let n = 0; !state.isFinishing && !signal.aborted; n += 1) {
      const file = join(directory, `import-${n}.jsonl`)
      const keys = Array.from({ length: importedRows }, (_, row) => `import-${n}-${row}`)
      const rows = keys.map((key, row) => `${JSON.stringify(callRow(key, n, row))}\n`)
      await appendFile(file, rows.join(''))
      const tries = await importWhole(file, url, signal)
      if (tries === null) return
      ledger.acknowledge({ client: 'import', kind: 'calls', keys, tries })
    }
  }
  const finished = run()
  finished.catch(() => undefined)
  return {
    finish: () => {
      state.isFinishing = true
      return finished
    },
  }
}

/** How often the command was started until it came through; `null` = it was given up. */
async function importWhole(file: string, url: string, signal: AbortSignal): Promise<number | null> {
  for (let tries = 1; !signal.aborted; tries += 1) {
    const { code, output } = await runToEnd(['import', file, '--kind', 'calls', '--url', url])
    if (code === 0) return tries
    if (!/does not answer|other side closed|terminated/.test(output))
      throw new Error(`the import of ${file} ended with ${code}: ${output}`)
    await wait(200)
  }
  return null
}
