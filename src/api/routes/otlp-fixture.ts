// For tests: the real application on a free loopback port, with a fake in the place of the spool.
import type { RecordKind, RecordKinds } from '../../records/record-kind.ts'
import type { Config } from '../../config/schema.ts'
import { startApi } from '../server.ts'
import { testConfig, testContext } from '../test-context.ts'

type Accepted = { readonly [Kind in RecordKind]: RecordKinds[Kind][] }

export interface TestReceiver {
  readonly url: string
  /** Of OTLP over gRPC; `null` when the configuration does not ask for it. */
  readonly grpcPort: number | null
  /** What was accepted, by kind. */
  readonly accepted: Accepted
  /** Thrown by the next calls of `accept`, one each. */
  readonly refusals: Error[]
  post(path: string, body: Uint8Array | string, headers: Record<string, string>): Promise<Response>
  close(): Promise<void>
}

/** @param config changes to the configuration, e.g. tokens or capture */
export async function startTestReceiver(
  change: (config: Config) => Config = (config) => config,
): Promise<TestReceiver> {
  const accepted: Accepted = {
    calls: [],
    samples: [],
    scores: [],
    labels: [],
    events: [],
    findings: [],
    ledger: [],
    alerts: [],
  }
  const refusals: Error[] = []
  const config = change(testConfig({ port: 0 }))
  const context = testContext({
    config: () => config,
    now: Date.now,
    accept: (kind, records) => {
      const refusal = refusals.shift()
      if (refusal !== undefined) return Promise.reject(refusal)
      accepted[kind].push(...records)
      return Promise.resolve()
    },
  })
  const store = { ...context.store, query: () => Promise.resolve([]) }
  const api = await startApi({ ...context, store })
  const url = `http://127.0.0.1:${api.port}`
  return {
    url,
    grpcPort: api.otlpGrpc?.port ?? null,
    accepted,
    refusals,
    post: async (path, body, headers) =>
      await fetch(url + path, {
        method: 'POST',
        body: typeof body === 'string' ? body : new Uint8Array(body),
        headers,
      }),
    close: async () => await api.close(),
  }
}
