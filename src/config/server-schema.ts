import { z } from 'zod'
import { durationMs, ratio, sizeBytes } from './units.ts'

/** Roles from least to most: each may do what the ones it lists may do. */
export const roles = ['viewer', 'reviewer', 'operator', 'admin', 'ingest'] as const

export type Role = (typeof roles)[number]

const token = z
  .strictObject({
    name: z.string().min(1).describe('Who holds the token; shown in audit lines, never the token.'),
    role: z
      .enum(roles)
      .describe(
        'viewer reads, reviewer also labels, operator also acts, admin also configures and reads raw text, ingest only writes.',
      ),
    token: z
      .string()
      .min(16)
      .describe('The secret itself; write it as ${VARIABLE}, at least 16 characters.'),
  })
  .describe('A static bearer token.')

/** Page, API and where they listen. */
export const serverSchema = z
  .strictObject({
    host: z
      .string()
      .default('127.0.0.1')
      .describe('Address of page and API. Anything but loopback needs tokens.'),
    port: z.int().min(0).max(65_535).default(4600).describe('Port of page and API.'),
    tokens: z
      .array(token)
      .default([])
      .describe(
        'Static bearer tokens. Empty on loopback means: everyone on this machine is admin.',
      ),
    otlpGrpc: z
      .strictObject({
        host: z
          .string()
          .default('127.0.0.1')
          .describe('Address of OTLP over gRPC. Anything but loopback needs `server.tokens`.'),
        port: z.int().min(0).max(65_535).default(4317).describe('Port of OTLP over gRPC.'),
      })
      .optional()
      .describe(
        'OTLP over gRPC, besides OTLP over HTTP on the port above; `{}` turns it on with the defaults. Without it nothing listens.',
      ),
  })
  .describe('Page and API.')

const longestRetentionMs = 3_650 * 86_400_000

// The engine reckons expiry in 32-bit seconds: past the year 2106 it wraps and everything has expired.
const keptFor = durationMs.refine((ms) => ms <= longestRetentionMs, { message: 'at most 3650d' })

/** Where data lives and for how long. */
export const storeSchema = z
  .strictObject({
    url: z
      .string()
      .optional()
      .describe(
        'URL of a ClickHouse server, e.g. http://clickhouse:8123. Without it the embedded engine is used.',
      ),
    database: z.string().regex(/^\w+$/).default('equipoise').describe('ClickHouse database.'),
    username: z.string().default('default').describe('ClickHouse user.'),
    password: z.string().default('').describe('ClickHouse password; write it as ${VARIABLE}.'),
    readers: z
      .int()
      .min(1)
      .max(16)
      .default(3)
      .describe('Connections for queries, beside the one for writes.'),
    contentRetention: keptFor.prefault('7d').describe('How long prompts and answers are kept.'),
    retention: keptFor
      .prefault('90d')
      .describe('How long calls, scores, samples and the rest are kept.'),
  })
  .describe('The store.')

/** The durable log in front of the store. */
export const spoolSchema = z
  .strictObject({
    commitEvery: durationMs.prefault('5ms').describe('Longest wait for a group fsync.'),
    rotateEvery: durationMs
      .prefault('1s')
      .describe('Age at which a segment is handed to the store.'),
    rotateSize: sizeBytes
      .prefault('16MiB')
      .describe('Size at which a segment is handed to the store.'),
    maxSize: sizeBytes
      .prefault('4GiB')
      .describe('Disk bound; past it records are refused with a clear error.'),
  })
  .describe('The append log on disk.')

/** The data plane. Limits here are for the whole process; each component has its own besides. */
export const gatewaySchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Run the gateway.'),
    host: z
      .string()
      .default('127.0.0.1')
      .describe('Address of the gateway. Anything but loopback needs keys.'),
    port: z.int().min(0).max(65_535).default(4601).describe('Port of the gateway.'),
    keys: z
      .array(
        z.strictObject({
          key: z
            .string()
            .min(16)
            .describe('Bearer key that clients send; write it as ${VARIABLE}.'),
          tenant: z.string().min(1).describe('Tenant that calls with this key belong to.'),
        }),
      )
      .default([])
      .describe('Client keys. Empty on loopback means: no key is asked for.'),
    maxBody: sizeBytes.prefault('32MiB').describe('Largest request body; larger ones get 413.'),
    orphanGrace: durationMs
      .prefault('5m')
      .describe('How long the gateway keeps serving when its hub is gone.'),
    drainGrace: durationMs
      .prefault('30s')
      .describe('How long running calls may finish at shut-down.'),
    capture: z
      .enum(['sampled', 'all', 'none'])
      .default('sampled')
      .describe('Whose prompt and answer text is kept (redacted).'),
    captureSize: sizeBytes
      .prefault('64KiB')
      .describe('Longest text kept of a prompt or an answer.'),
    redaction: z
      .strictObject({
        patterns: z
          .record(z.string(), z.string())
          .default({})
          .describe('More patterns to redact: name to regular expression.'),
      })
      .prefault({})
      .describe(
        'What is replaced before text is stored. E-mail addresses, phone and card numbers, IBANs, keys and other secrets always are.',
      ),
    sampling: ratio
      .prefault('100%')
      .describe('Share of calls drawn for quality scoring; a component may set its own.'),
  })
  .describe('The OpenAI-compatible gateway.')
