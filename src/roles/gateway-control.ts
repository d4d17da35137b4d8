// How hub and gateway talk: HTTP over a socket in the data directory, so that either may restart
// without the other. The hub pushes configuration and machine states; a push is also its heartbeat.
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

const machineState = z.object({
  gpuIds: z.array(z.string()),
  requestsRunning: z.number().nullable(),
  requestsWaiting: z.number().nullable(),
  kvCacheUsage: z.number().nullable(),
  gpuDuty: z.number().nullable(),
  gpuTemperatureCelsius: z.number().nullable(),
})

/** Body of `PUT /machines`: state of each copy by copy id. */
export const machineStates = z.record(z.string(), machineState)

/** Body of `POST /passed`, and its answer: those of the keys that it knows a call of. */
export const passedKeys = z.array(z.string())

/** What the gateway says of itself at `GET /state`. */
export const gatewayIdentity = z.looseObject({
  pid: z.int(),
  version: z.string(),
  host: z.string(),
  port: z.int(),
})

export type GatewayIdentity = z.infer<typeof gatewayIdentity>

/** What the gateway process writes to its ready pipe: where it listens, or why it cannot. */
export const gatewayReadiness = z.union([
  z.object({ port: z.int() }),
  z.object({ error: z.string() }),
])

/** Longest socket path that every Unix takes (sun_path is 104 bytes on some, with its final zero). */
const longestSocketPath = 100

/** Path of the control socket of a data directory; a deep directory gets one in the temporary folder. */
export function gatewaySocketPath(dataDirectory: string): string {
  const path = join(dataDirectory, 'gateway.sock')
  if (path.length <= longestSocketPath) return path
  const name = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16)
  return join(tmpdir(), `equipoise-${name}.sock`)
}
