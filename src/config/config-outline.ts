// What the cross-checks read of a configuration. It never fails: what the schema refuses is absent here.
import { z } from 'zod'

const text = z.string().optional().catch(undefined)
const flag = z.boolean().default(true).catch(true)

/** A list whose broken items are `undefined`: the schema reports them, and indexes stay those of the file. */
function list<Item extends z.ZodType>(item: Item) {
  return z.array(item.optional().catch(undefined)).default([]).catch([])
}

const access = z
  .object({
    basicAuth: z
      .object({ password: z.unknown().optional(), passwordFile: z.unknown().optional() })
      .optional()
      .catch(undefined),
    bearerToken: z.unknown().optional(),
    bearerTokenFile: z.unknown().optional(),
    tls: z
      .object({ certFile: z.unknown().optional(), keyFile: z.unknown().optional() })
      .optional()
      .catch(undefined),
  })
  .optional()
  .catch(undefined)

const relabelSteps = list(
  z.object({
    action: text,
    sourceLabels: z.array(z.unknown()).default([]).catch([undefined]),
    targetLabel: z.unknown().optional(),
    modulus: z.unknown().optional(),
  }),
)

/** Lenient shape of the parts that other parts refer to. */
export const outlineSchema = z.object({
  server: z
    .object({
      host: text,
      port: z.int().optional().catch(Number.NaN),
      tokens: z.array(z.unknown()).default([]).catch([undefined]),
      otlpGrpc: z
        .object({ host: text, port: z.int().optional().catch(Number.NaN) })
        .optional()
        .catch(undefined),
    })
    .prefault({})
    .catch({ host: undefined, port: undefined, tokens: [] }),
  gateway: z
    .object({
      enabled: flag,
      host: text,
      port: z.int().optional().catch(Number.NaN),
      keys: z.array(z.unknown()).default([]).catch([undefined]),
    })
    .prefault({})
    .catch({ enabled: false, host: undefined, port: undefined, keys: [] }),
  fleet: z
    .object({
      nodes: list(
        z.object({
          name: text,
          instanceType: text,
          accelerators: z
            .object({
              count: z.int().optional().catch(undefined),
              uuids: list(z.string()),
            })
            .optional()
            .catch({ count: undefined, uuids: [] }),
          price: z.unknown().optional(),
        }),
      ),
      components: list(
        z.object({
          name: text,
          model: text,
          copies: list(z.object({ id: text, node: text, gpus: list(z.int()) })),
        }),
      ),
      metricsAccess: access,
      dcgmAccess: access,
    })
    .prefault({})
    .catch({ nodes: [], components: [], metricsAccess: undefined, dcgmAccess: undefined }),
  scrape: z
    .object({
      jobs: list(
        z.object({
          name: text,
          static: list(z.object({ targets: list(z.string()) })),
          files: list(z.string()),
          http: list(z.object({ access })),
          access,
          relabel: relabelSteps,
          metricRelabel: relabelSteps,
        }),
      ),
    })
    .prefault({})
    .catch({ jobs: [] }),
  quality: z
    .object({
      judge: z.unknown().optional(),
      evaluators: list(z.object({ kind: text, dimension: text, models: list(z.string()) })),
      composite: z.object({ gate: text }).prefault({}).catch({ gate: undefined }),
    })
    .prefault({})
    .catch({ judge: {}, evaluators: [], composite: { gate: undefined } }),
  alerts: z
    .object({ rules: list(z.object({ name: text, models: list(z.string()) })) })
    .prefault({})
    .catch({ rules: [] }),
})

export type Outline = z.infer<typeof outlineSchema>
