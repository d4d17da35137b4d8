// The lab's process: emulated servers and their traffic take a core of their own, so that what is
// measured on the hub and the gateway is theirs. It ends with its parent.
import { once } from 'node:events'
import { startLab, type Lab } from '../lab/lab.ts'
import { messageOf } from '../records/failure.ts'
import { createLog } from '../telemetry/log.ts'
import { labOptions, labOrder, type LabReadiness } from './lab-messages.ts'

/** Runs the lab until the parent goes; options and orders arrive over IPC. */
export async function runLabRole(): Promise<void> {
  const log = createLog('lab')
  const [first]: unknown[] = await once(process, 'message')
  try {
    const lab = await startLab({ ...labOptions.parse(first), log })
    process.on('message', (message) => obey(lab, message))
    process.on('disconnect', () => void lab.close().then(() => process.exit(0)))
    // Both reach the whole process group; the hub still needs us while it drains, then disconnects.
    process.on('SIGINT', () => undefined).on('SIGTERM', () => undefined)
    tell({ kind: 'ready', controlUrl: lab.controlUrl, config: { ...lab.config } })
  } catch (error) {
    tell({ kind: 'failed', error: messageOf(error) })
    process.disconnect()
  }
}

function tell(readiness: LabReadiness): void {
  process.send?.(readiness)
}

function obey(lab: Lab, message: unknown): void {
  const order = labOrder.parse(message)
  lab.startTraffic({ gatewayUrl: order.gatewayUrl })
}
