// The whole configuration. Each section has its own file; the reference page is generated from these.
import { z } from 'zod'
import { alertsSchema } from './alerts-schema.ts'
import { fleetSchema } from './fleet-schema.ts'
import { qualitySchema } from './quality-schema.ts'
import { type accessSchema, scrapeSchema } from './scrape-schema.ts'
import { gatewaySchema, serverSchema, spoolSchema, storeSchema } from './server-schema.ts'

export const configSchema = z.strictObject({
  project: z
    .string()
    .regex(/^[\w-]+$/)
    .default('default')
    .describe('Project that records belong to.'),
  dataDirectory: z
    .string()
    .default('./equipoise-data')
    .describe('Where everything is kept; relative to the configuration file.'),
  server: serverSchema.prefault({}),
  store: storeSchema.prefault({}),
  spool: spoolSchema.prefault({}),
  gateway: gatewaySchema.prefault({}),
  fleet: fleetSchema.prefault({}),
  scrape: scrapeSchema.prefault({}),
  quality: qualitySchema.prefault({}),
  alerts: alertsSchema.prefault({}),
})

export type Config = z.infer<typeof configSchema>
export type GatewayConfig = Config['gateway']
export type FleetConfig = Config['fleet']
export type ComponentConfig = FleetConfig['components'][number]
export type CopyConfig = ComponentConfig['copies'][number]
export type NodeConfig = FleetConfig['nodes'][number]
export type ScrapeJobConfig = Config['scrape']['jobs'][number]
export type RelabelStep = ScrapeJobConfig['relabel'][number]
export type AccessConfig = z.infer<typeof accessSchema>
export type QualityConfig = Config['quality']
export type JudgeConfig = NonNullable<QualityConfig['judge']>
export type EncoderConfig = QualityConfig['encoder']
export type GoldenConfig = NonNullable<QualityConfig['golden']>
export type ProbesConfig = NonNullable<QualityConfig['probes']>
export type AlertsConfig = Config['alerts']
export type TwoAxisRule = AlertsConfig['rules'][number]
export type SpoolConfig = Config['spool']
export type StoreConfig = Config['store']
