// A context for tests: everything at hand, nothing real but what the test brings.
import { configSchema, type Config } from '../config/schema.ts'
import type { Accept } from '../records/record-kind.ts'
import { createAcceptOnce } from '../spool/accept-once.ts'
import { createKeyMemory } from '../spool/key-memory.ts'
import { createLog, type Log } from '../telemetry/log.ts'
import type { ApiContext } from './context.ts'
import { LiveFeed } from './live-feed.ts'
import { testFleet } from './test-fleet.ts'

export const testNowMs = Date.UTC(2026, 0, 1, 0, 4)

/** @param server `server` section of the configuration */
export function testConfig(server: object = {}): Config {
  return configSchema.parse({ project: 'p', server })
}

/** A context whose store refuses every query, unless the test brings another. */
export function testContext(parts: Partial<ApiContext> = {}): ApiContext {
  const config = testConfig()
  const accept: Accept = parts.accept ?? (() => Promise.resolve())
  return {
    config: () => config,
    fleet: () => testFleet,
    store: {
      query: refuse,
      command: refuse,
      load: refuse,
      close: () => Promise.resolve(),
      queryReadOnly: refuse,
      exportTable: refuse,
    },
    accept,
    once: createAcceptOnce(accept, createKeyMemory(), () => testNowMs),
    waitingVerdicts: {
      left: [],
      add: () => Promise.resolve(),
      settle: () => undefined,
      close: () => Promise.resolve(),
    },
    log: silentLog(),
    now: () => testNowMs,
    sources: () => [],
    gatewayState: () => Promise.resolve(null),
    gatewayUrl: () => 'http://127.0.0.1:4601',
    passedGateway: () => Promise.resolve(new Set()),
    gatewayMetrics: () => Promise.resolve(''),
    doctor: refuse,
    backfills: () => ({
      estimate: refuse,
      start: refuse,
      progress: () => null,
      stop: () => Promise.resolve(),
    }),
    activeAlerts: () => [],
    version: '0.0.0-test',
    webDirectory: null,
    live: new LiveFeed({ tickEveryMs: 0 }),
    ...parts,
  }
}

/** The JSON of an answer, taken to be of the type that the contract names. */
export async function bodyOf<Body>(response: Response): Promise<Body> {
  const body: Body = JSON.parse(await response.text())
  return body
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('this test has no store'))
}

/** A log that says nothing. */
export function silentLog(): Log {
  const log = createLog('test')
  log.level = 'silent'
  return log
}
