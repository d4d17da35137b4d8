import { z } from 'zod'
import { isRelabelPattern } from './relabel-pattern.ts'
import { durationMs, sizeBytes } from './units.ts'

const labelName = z.string().regex(/^[a-zA-Z_]\w*$/, 'a label name: letters, digits and _ only')

/** How a metrics page is reached: who we say we are, and whom we trust. */
export const accessSchema = z
  .strictObject({
    basicAuth: z
      .strictObject({
        username: z.string().describe('User.'),
        password: z.string().optional().describe('Password; write it as ${VARIABLE}.'),
        passwordFile: z
          .string()
          .optional()
          .describe('File with the password; read at each scrape, so that it may change.'),
      })
      .optional()
      .describe('HTTP basic authentication.'),
    bearerToken: z.string().optional().describe('Bearer token; write it as ${VARIABLE}.'),
    bearerTokenFile: z
      .string()
      .optional()
      .describe('File with the bearer token; read at each scrape, so that it may change.'),
    tls: z
      .strictObject({
        caFile: z
          .string()
          .optional()
          .describe('Certificates to trust (PEM) instead of the system’s own.'),
        certFile: z.string().optional().describe('Client certificate (PEM).'),
        keyFile: z.string().optional().describe('Key of the client certificate (PEM).'),
        serverName: z
          .string()
          .optional()
          .describe('Name that the server’s certificate must bear; default: the host.'),
        insecureSkipVerify: z
          .boolean()
          .default(false)
          .describe('Trust any certificate. Whoever sits in between can then invent readings.'),
      })
      .optional()
      .describe('TLS, for https addresses.'),
  })
  .describe('Credentials and TLS. Paths are relative to the configuration file.')

const relabelSchema = z
  .strictObject({
    action: z
      .enum([
        'replace',
        'keep',
        'drop',
        'keepequal',
        'dropequal',
        'hashmod',
        'lowercase',
        'uppercase',
        'labelmap',
        'labeldrop',
        'labelkeep',
      ])
      .default('replace')
      .describe('What is done; each as in Prometheus.'),
    sourceLabels: z
      .array(labelName)
      .default([])
      .describe('Labels whose values, joined by the separator, are looked at.'),
    separator: z.string().default(';').describe('Stands between the joined values.'),
    regex: z
      .string()
      .default('(.*)')
      .refine(isRelabelPattern, {
        message: 'is no regular expression (flags only at the start, e.g. (?i))',
      })
      .describe('Pattern that the whole value, or the label’s name, must match.'),
    targetLabel: z
      .string()
      .optional()
      .describe('Label that is written; may hold $1 in a replacement.'),
    replacement: z.string().default('$1').describe('What is written; $1 is the first group.'),
    modulus: z.int().min(1).optional().describe('Of hashmod: how many shares there are.'),
  })
  .describe('One relabel step.')

/** Bounds of one scrape. */
export const limitsSchema = z
  .strictObject({
    targets: z.int().min(1).default(1_000).describe('Most targets of the job.'),
    samples: z.int().min(1).default(50_000).describe('Most samples kept of one scrape.'),
    bodySize: sizeBytes.prefault('16MiB').describe('Largest metrics page.'),
    labels: z.int().min(1).default(64).describe('Most labels of a sample.'),
    labelNameLength: z.int().min(1).default(256).describe('Longest label name.'),
    labelValueLength: z.int().min(1).default(8_192).describe('Longest label value.'),
  })
  .describe('Past a limit the whole scrape fails and says so; nothing of it is kept.')

const groupSchema = z
  .strictObject({
    targets: z
      .array(z.string().min(1))
      .min(1)
      .describe('Addresses: host:port, or a whole URL that says scheme and path itself.'),
    labels: z
      .record(z.string(), z.string())
      .default({})
      .describe(
        'Labels of these targets. copy, component or node names a part of the fleet whose readings they are.',
      ),
  })
  .describe('Targets that are written down here.')

const httpDiscoverySchema = z
  .strictObject({
    url: z.url().describe('Address that answers a JSON list of targets and labels.'),
    every: durationMs.prefault('60s').describe('How often it is asked.'),
    access: accessSchema.optional(),
  })
  .describe('Targets that a service lists (the http_sd format of Prometheus).')

const jobSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[\w.:-]+$/, 'letters, digits, and . _ : - only')
      .describe('Name of the job; label job of its targets.'),
    static: z.array(groupSchema).default([]).describe('Targets that are written down here.'),
    files: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Files with targets (the file_sd format of Prometheus, YAML or JSON), read again when they change. The last part of a path may hold *.',
      ),
    http: z.array(httpDiscoverySchema).default([]).describe('Services that list targets.'),
    scheme: z.enum(['http', 'https']).default('http').describe('Scheme of bare addresses.'),
    path: z
      .string()
      .regex(/^\//, 'starts with /')
      .default('/metrics')
      .describe('Path of the metrics page.'),
    params: z
      .record(z.string(), z.array(z.string()))
      .default({})
      .describe('Query parameters; each name has a list of values.'),
    every: durationMs.optional().describe('How often it is read; default: fleet.scrapeEvery.'),
    timeout: durationMs
      .optional()
      .describe(
        'Longest wait for one scrape; default: fleet.scrapeTimeout, but never above every.',
      ),
    access: accessSchema.optional(),
    relabel: z
      .array(relabelSchema)
      .default([])
      .describe('Steps over the labels of each target, in order, before it is scraped.'),
    metricRelabel: z
      .array(relabelSchema)
      .default([])
      .describe('Steps over the labels of each sample, in order, before it is read.'),
    honorTimestamps: z
      .boolean()
      .default(true)
      .describe('Take timestamps of the exporter; false: the time of the scrape.'),
    unknownMetrics: z
      .enum(['drop', 'keep'])
      .default('drop')
      .describe(
        'Metrics that no known system has: keep stores them under their own name in /prometheus/<job>.',
      ),
    limits: limitsSchema.prefault({}),
  })
  .describe('Targets that are scraped alike.')

/** Metrics pages beyond those of the fleet's own copies and servers. */
export const scrapeSchema = z
  .strictObject({
    jobs: z
      .array(jobSchema)
      .default([])
      .describe(
        'Jobs. A target with the address of a copy or server of the fleet is read here instead of there.',
      ),
  })
  .describe('Metrics pages beyond those of the fleet’s own copies and servers.')
