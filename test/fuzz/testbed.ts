// The real application and real scrape targets, with a bench in the place of spool and store.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createApp } from '../../src/api/app.ts'
import { testContext } from '../../src/api/test-context.ts'
import { configSchema } from '../../src/config/schema.ts'
import { limitsSchema } from '../../src/config/scrape-schema.ts'
import { buildFleet } from '../../src/fleet/topology.ts'
import { openAccess } from '../../src/sources/scrape/access.ts'
import { createTarget, type Target } from '../../src/sources/prometheus/scrape.ts'
import { testNowMs } from '../../src/sources/otlp/test-receiver.ts'
import { createLog, type Log } from '../../src/telemetry/log.ts'
import { keepRecords, type KeptRecords } from './kept-records.ts'

export interface Testbed {
  readonly app: ReturnType<typeof createApp>
  /** A model server and a GPU exporter. */
  readonly targets: readonly [Target, Target]
  readonly page: Page
  readonly kept: KeptRecords
  /** Errors that were logged since the last call: each is a fault of ours. */
  logged(): string[]
  close(): Promise<void>
}

/** What the next scrape is answered. */
export interface Page {
  headers: Readonly<Record<string, string>>
  body: Buffer
  /** Break the connection off after so many bytes; `null` = send all. */
  cutAt: number | null
}

const config = configSchema.parse({
  project: 'p',
  gateway: { sampling: '50%', capture: 'all' },
  fleet: {
    nodes: [
      {
        name: 'n1',
        accelerators: { model: 'NVIDIA L4', count: 2, memoryGiB: 24, uuids: ['GPU-aa', 'GPU-bb'] },
        price: { perHour: '2 $/h', source: 'a test', date: '2026-01-01' },
      },
    ],
    components: [
      {
        name: 'llama',
        model: 'llama-3',
        sampling: '100%',
        copies: [{ id: 'llama-1', url: 'http://10.0.0.9:8000', node: 'n1', gpus: [0] }],
      },
    ],
  },
})

/** Long enough that only a hang reaches it. */
const timeoutMs = 120_000

export async function startTestbed(): Promise<Testbed> {
  const fleet = buildFleet(config.fleet)
  const kept = keepRecords()
  const errors: string[] = []
  const log = erringLog(errors)
  const base = testContext()
  const context = testContext({
    config: () => config,
    fleet: () => fleet,
    accept: kept.accept,
    log,
    now: () => testNowMs,
    store: { ...base.store, query: () => Promise.resolve([]) },
  })
  const page: Page = { headers: {}, body: Buffer.alloc(0), cutAt: null }
  const server = await servePage(page)
  const access = openAccess(undefined, timeoutMs)
  const shared = {
    url: urlOf(server),
    project: 'p',
    fleet,
    staleAfterMs: 60_000,
    keepUnknown: false,
    page: {
      access,
      timeoutMs,
      limits: limitsSchema.parse({}),
      honorTimestamps: true,
      relabel: null,
      labels: {},
    },
    accept: kept.accept,
    log,
    now: () => testNowMs,
  }
  const copy = fleet.components[0]?.copies[0]
  if (copy === undefined) throw new Error('the fleet has no copy')
  return {
    app: createApp(context),
    targets: [
      createTarget({ ...shared, name: 'llama-1', subject: { kind: 'copy', copy } }),
      createTarget({ ...shared, name: 'n1', subject: { kind: 'node', node: 'n1' } }),
    ],
    page,
    kept,
    logged: () => errors.splice(0),
    async close() {
      await access.close()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A log that keeps errors and says nothing. */
function erringLog(errors: string[]): Log {
  const log = createLog('fuzz', 'silent')
  log.error = (fields: unknown, message?: string) => {
    if (errors.length < 10) errors.push(`${message ?? ''} ${JSON.stringify(fields)}`)
  }
  return log
}

async function servePage(page: Page): Promise<Server> {
  const server = createServer((_, response) => {
    response.writeHead(200, { ...page.headers, 'content-length': String(page.body.length) })
    if (page.cutAt === null) response.end(page.body)
    else response.write(page.body.subarray(0, page.cutAt), () => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function urlOf(server: Server): string {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no address')
  return `http://127.0.0.1:${address.port}/metrics`
}
