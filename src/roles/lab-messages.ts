// What the lab's process and its parent say to each other over the IPC channel.
import { z } from 'zod'

/** First message of the parent: how the emulated fleet is to be. */
export const labOptions = z.object({
  seed: z.int(),
  speed: z.number().positive(),
  ports: z.enum(['fixed', 'ephemeral']),
})

export type LabOptions = z.infer<typeof labOptions>

/** What the parent may ask afterwards. */
export const labOrder = z.object({ kind: z.literal('start-traffic'), gatewayUrl: z.string() })

export type LabOrder = z.infer<typeof labOrder>

/** The lab's answer to its options. */
export const labReadiness = z.union([
  z.object({
    kind: z.literal('ready'),
    controlUrl: z.string(),
    /** A configuration as `equipoise.yaml` would hold it, as data. */
    config: z.record(z.string(), z.unknown()),
  }),
  z.object({ kind: z.literal('failed'), error: z.string() }),
])

export type LabReadiness = z.infer<typeof labReadiness>
