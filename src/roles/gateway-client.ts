// The hub's side of the control socket.
import { Client } from 'undici'
import type { MachineState } from '../records/call.ts'
import { gatewayIdentity, passedKeys, type GatewayIdentity } from './gateway-control.ts'

export interface GatewayClient {
  /** `null` when no gateway answers. */
  state(): Promise<GatewayIdentity | null>
  /** Prometheus text of the gateway's own metrics; empty when it does not answer. */
  metrics(): Promise<string>
  /** Resolves to false when it was not delivered. */
  pushMachines(states: Readonly<Record<string, MachineState>>): Promise<boolean>
  /** @param source the configuration as written, variables filled in */
  pushConfig(source: unknown): Promise<boolean>
  /** Those of the keys that are of a call that passed lately; none when no gateway answers. */
  passed(keys: readonly string[]): Promise<ReadonlySet<string>>
  drain(): Promise<boolean>
  close(): Promise<void>
}

/** Talks to the gateway of a data directory over its control socket. */
export function gatewayClient(socketPath: string): GatewayClient {
  const client = new Client('http://gateway', {
    socketPath,
    headersTimeout: 2_000,
    bodyTimeout: 2_000,
  })

  const send = async (
    method: 'GET' | 'PUT' | 'POST',
    path: string,
    body?: unknown,
  ): Promise<string | null> => {
    try {
      const answer = await client.request({
        method,
        path,
        body: body === undefined ? null : JSON.stringify(body),
      })
      const text = await answer.body.text()
      return answer.statusCode < 300 ? text : null
    } catch {
      // No gateway there, or it just went away: the caller decides what that means.
      return null
    }
  }

  return {
    state: async () => {
      const text = await send('GET', '/state')
      return text === null ? null : gatewayIdentity.parse(JSON.parse(text))
    },
    metrics: async () => (await send('GET', '/metrics')) ?? '',
    pushMachines: async (states) => (await send('PUT', '/machines', states)) !== null,
    pushConfig: async (source) => (await send('PUT', '/config', source)) !== null,
    passed: async (keys) => {
      const text = await send('POST', '/passed', keys)
      return new Set(text === null ? [] : passedKeys.parse(JSON.parse(text)))
    },
    drain: async () => (await send('POST', '/drain')) !== null,
    close: () => client.destroy(),
  }
}
