// What the isolation benchmark and its processes say to each other.
import { z } from 'zod'

const loadOrder = z.object({
  kind: z.literal('load'),
  gatewayUrl: z.string(),
  model: z.string(),
  callsPerSecond: z.number(),
  seconds: z.number(),
  /** Same seed, same arrivals and same prompts. */
  seed: z.string(),
})

export type LoadOrder = z.infer<typeof loadOrder>

export const workerOrder = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('engines'),
    model: z.string(),
    copies: z.number(),
    speed: z.number(),
  }),
  z.object({ kind: z.literal('gateway'), config: z.unknown() }),
  loadOrder,
])

export type WorkerOrder = z.infer<typeof workerOrder>

/** What the callers of one model saw. */
const loadReport = z.object({
  calls: z.number(),
  rejected: z.number(),
  errors: z.number(),
  ttftMs: z.array(z.number()),
})

export type LoadReport = z.infer<typeof loadReport>

export const workerAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('listening'), urls: z.array(z.string()) }),
  z.object({ kind: z.literal('loaded'), report: loadReport }),
])

export type WorkerAnswer = z.infer<typeof workerAnswer>
