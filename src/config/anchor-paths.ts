import { resolve } from 'node:path'
import type { AccessConfig, Config } from './schema.ts'

/** The configuration with each path of a file absolute, taken relative to the configuration file's directory. */
export function anchorPaths(config: Config, directory: string): Config {
  const anchor = (path: string) => resolve(directory, path)
  const { fleet, scrape } = config
  const jobs = scrape.jobs.map((job) => ({
    ...job,
    ...withAccess(job, anchor),
    files: job.files.map(anchor),
    http: job.http.map((one) => ({ ...one, ...withAccess(one, anchor) })),
  }))
  const { metricsAccess, dcgmAccess } = fleet
  return {
    ...config,
    dataDirectory: anchor(config.dataDirectory),
    fleet: {
      ...fleet,
      ...(metricsAccess === undefined
        ? {}
        : { metricsAccess: anchoredAccess(metricsAccess, anchor) }),
      ...(dcgmAccess === undefined ? {} : { dcgmAccess: anchoredAccess(dcgmAccess, anchor) }),
    },
    scrape: { ...scrape, jobs },
    quality: anchoredQuality(config.quality, anchor),
  }
}

function anchoredQuality(quality: Config['quality'], anchor: Anchor): Config['quality'] {
  const { golden } = quality
  // Rubrics are files; no other evaluator has a setting of this name that is a path.
  const evaluators = quality.evaluators.map((entry) => {
    const { file } = entry.config
    if (entry.kind !== 'judge_rubric' || typeof file !== 'string') return entry
    return { ...entry, config: { ...entry.config, file: anchor(file) } }
  })
  const anchored = { ...quality, evaluators }
  if (golden === undefined) return anchored
  return { ...anchored, golden: { ...golden, file: anchor(golden.file) } }
}

type Anchor = (path: string) => string

function withAccess(
  { access }: { readonly access?: AccessConfig | undefined },
  anchor: Anchor,
): { readonly access?: AccessConfig } {
  return access === undefined ? {} : { access: anchoredAccess(access, anchor) }
}

function anchoredAccess(access: AccessConfig, anchor: Anchor): AccessConfig {
  const { basicAuth, bearerTokenFile, tls } = access
  return {
    ...access,
    ...(bearerTokenFile === undefined ? {} : { bearerTokenFile: anchor(bearerTokenFile) }),
    ...(basicAuth?.passwordFile === undefined
      ? {}
      : { basicAuth: { ...basicAuth, passwordFile: anchor(basicAuth.passwordFile) } }),
    ...(tls === undefined ? {} : { tls: { ...tls, ...anchoredTls(tls, anchor) } }),
  }
}

function anchoredTls(
  { caFile, certFile, keyFile }: NonNullable<AccessConfig['tls']>,
  anchor: Anchor,
): Partial<Record<'caFile' | 'certFile' | 'keyFile', string>> {
  return {
    ...(caFile === undefined ? {} : { caFile: anchor(caFile) }),
    ...(certFile === undefined ? {} : { certFile: anchor(certFile) }),
    ...(keyFile === undefined ? {} : { keyFile: anchor(keyFile) }),
  }
}
