import { z } from 'zod'
import { accessSchema } from './scrape-schema.ts'
import { durationMs, ratio, usdPerHour } from './units.ts'

const name = z.string().regex(/^[\w.:-]+$/, 'letters, digits, and . _ : - only')

/** A server that costs money by the hour. */
export const nodeSchema = z
  .strictObject({
    name: name.describe('Name of the server.'),
    instanceType: z
      .string()
      .optional()
      .describe('Type in the price catalogue, e.g. ml.g6.12xlarge: gives accelerators and price.'),
    accelerators: z
      .strictObject({
        model: z.string().describe('GPU model, e.g. NVIDIA L4.'),
        count: z.int().min(1).describe('How many.'),
        memoryGiB: z.number().positive().describe('Memory of one, in GiB.'),
        uuids: z
          .array(z.string())
          .default([])
          .describe(
            'GPU UUIDs in index order, as DCGM reports them; joins readings to the right GPU.',
          ),
      })
      .optional()
      .describe('GPUs; needed where instanceType is not in the catalogue.'),
    price: z
      .strictObject({
        perHour: usdPerHour.describe('What the server costs.'),
        source: z.string().describe('Where the price comes from, e.g. "contract 2026-07".'),
        date: z.iso.date().describe('Date of the price.'),
      })
      .optional()
      .describe('Overrides the catalogue.'),
    dcgmUrl: z
      .url()
      .optional()
      .describe('Metrics URL of the GPU exporter: DCGM, nvidia_gpu_exporter, AMD or Triton.'),
  })
  .describe('A server.')

/** One running copy of a component. */
export const copySchema = z
  .strictObject({
    id: name.describe('Name of the copy.'),
    url: z.url().describe('Base URL of the model server, without /v1.'),
    node: name.describe('Server that it runs on.'),
    gpus: z
      .array(z.int().min(0))
      .min(1)
      .describe('GPU indexes on that server that this copy reserves.'),
    metricsUrl: z.url().optional().describe('Metrics URL; default: url + /metrics.'),
  })
  .describe('A copy: one model server process on its own GPUs.')

/** The dedicated segment of one model: its own concurrency, queue, routing and copies. */
export const componentSchema = z
  .strictObject({
    name: name.describe('Name of the component; default name of the model that clients ask for.'),
    model: z.string().optional().describe('Model name that clients send; default: name.'),
    upstreamModel: z
      .string()
      .optional()
      .describe('Model name that the server expects; default: model.'),
    modelVersion: z.string().default('').describe('Version label stored on every call.'),
    apiKey: z
      .string()
      .optional()
      .describe('Bearer key that the model server expects; write it as ${VARIABLE}.'),
    copies: z.array(copySchema).min(1).describe('Where the model runs.'),
    concurrency: z.int().min(1).default(64).describe('Calls in flight on one copy at most.'),
    queue: z.int().min(0).default(128).describe('Calls that may wait; one more gets 429.'),
    queueTimeout: durationMs.prefault('10s').describe('Longest wait in the queue; then 503.'),
    connectTimeout: durationMs.prefault('2s').describe('Longest wait for a connection to a copy.'),
    firstTokenTimeout: durationMs
      .prefault('60s')
      .describe('Longest wait for the first byte of an answer.'),
    idleTimeout: durationMs.prefault('60s').describe('Longest silence within an answer.'),
    totalTimeout: durationMs.prefault('10m').describe('Longest answer.'),
    sampling: ratio.optional().describe('Share of calls drawn for quality scoring.'),
    slo: z
      .strictObject({
        ttft: durationMs.prefault('2s').describe('Time to first token that users expect.'),
        total: durationMs.prefault('30s').describe('Total time that users expect.'),
      })
      .prefault({})
      .describe('Latency that counts as good.'),
  })
  .describe('A model on its own segment of the fleet.')

/** Servers and what runs on them. */
export const fleetSchema = z
  .strictObject({
    nodes: z.array(nodeSchema).default([]).describe('Servers.'),
    components: z.array(componentSchema).default([]).describe('Models.'),
    metricsAccess: accessSchema
      .optional()
      .describe('How the metrics pages of copies are reached: credentials and TLS.'),
    dcgmAccess: accessSchema
      .optional()
      .describe('How the DCGM exporters of nodes are reached: credentials and TLS.'),
    scrapeEvery: durationMs.prefault('10s').describe('How often metrics are read.'),
    scrapeTimeout: durationMs.prefault('5s').describe('Longest wait for one scrape.'),
    staleAfter: durationMs.prefault('30s').describe('Age at which a reading counts as stale.'),
  })
  .describe('The fleet.')
