// The parent's side of the lab process.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { UserError } from '../records/failure.ts'
import { labReadiness, type LabOptions, type LabOrder } from './lab-messages.ts'
import { packageDirectory } from './version.ts'

export interface LabProcess {
  readonly controlUrl: string
  /** A configuration as `equipoise.yaml` would hold it, as data. */
  readonly config: Readonly<Record<string, unknown>>
  startTraffic(gatewayUrl: string): void
  stop(): Promise<void>
}

/** Starts the emulated fleet in a process of its own; throws a `UserError` when a port is taken. */
export async function startLabProcess(options: LabOptions): Promise<LabProcess> {
  const child = fork(join(packageDirectory, 'dist/src/cli/main.js'), ['role', 'lab'])
  child.send(options)
  const exited = once(child, 'exit')
  const answer: unknown = await Promise.race([
    once(child, 'message').then(([text]) => text),
    exited,
  ])
  const readiness = labReadiness.safeParse(answer)
  if (!readiness.success) throw new UserError('the lab process ended at start-up')
  if (readiness.data.kind === 'failed') throw new UserError(readiness.data.error)
  const { controlUrl, config } = readiness.data
  return {
    controlUrl,
    config,
    startTraffic: (gatewayUrl) => {
      const order: LabOrder = { kind: 'start-traffic', gatewayUrl }
      child.send(order)
    },
    stop: async () => {
      if (child.connected) child.disconnect()
      await exited
    },
  }
}
