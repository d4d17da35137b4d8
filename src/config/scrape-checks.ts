// What no single key of a scrape job can tell: where targets come from, which credentials, which relabel keys go together.
import type { Outline } from './config-outline.ts'
import type { Complaint } from './config-source.ts'
import { duplicates } from './fleet-checks.ts'
import type { Path } from './secrets.ts'

type Job = NonNullable<Outline['scrape']['jobs'][number]>
type Access = NonNullable<Job['access']>
type Step = NonNullable<Job['relabel'][number]>

/** Everything that does not fit within the scrape jobs and the fleet's own access. */
export function scrapeChecks({ scrape, fleet }: Outline): Complaint[] {
  return [
    ...duplicates(
      scrape.jobs.map((job, index) => [['scrape', 'jobs', index, 'name'], job?.name]),
      'job',
    ),
    ...scrape.jobs.flatMap((job, index) =>
      job === undefined ? [] : jobChecks(job, ['scrape', 'jobs', index]),
    ),
    ...accessChecks(fleet.metricsAccess, ['fleet', 'metricsAccess']),
    ...accessChecks(fleet.dcgmAccess, ['fleet', 'dcgmAccess']),
  ]
}

function jobChecks(job: Job, at: Path): Complaint[] {
  const listed = [job.static, job.files, job.http].some((list) => list.length > 0)
  const nowhere: Complaint = {
    path: at,
    aim: 'key',
    message: 'job has no targets',
    suggestion: 'set static, files or http',
  }
  return [
    ...(listed ? [] : [nowhere]),
    ...job.static.flatMap((group, index) =>
      (group?.targets ?? []).flatMap((target, position) =>
        target === undefined
          ? []
          : addressChecks(target, [...at, 'static', index, 'targets', position]),
      ),
    ),
    ...job.files.flatMap((file, index) => fileChecks(file, [...at, 'files', index])),
    ...accessChecks(job.access, [...at, 'access']),
    ...job.http.flatMap((one, index) =>
      accessChecks(one?.access, [...at, 'http', index, 'access']),
    ),
    ...stepsChecks(job.relabel, [...at, 'relabel']),
    ...stepsChecks(job.metricRelabel, [...at, 'metricRelabel']),
  ]
}

function addressChecks(target: string, path: Path): Complaint[] {
  const isUrl = /^https?:\/\/[^/?#@]+([/?#][^@]*)?$/.test(target)
  const isAddress = /^[^/?#@\s]+$/.test(target)
  if (isUrl || isAddress) return []
  const message = target.includes('@')
    ? 'address holds credentials, which would become a label'
    : 'expected host:port or an http(s) URL'
  const suggestion = target.includes('@') ? 'set access.basicAuth of the job' : null
  return [{ path, aim: 'value', message, suggestion }]
}

function fileChecks(file: string | undefined, path: Path): Complaint[] {
  if (file === undefined) return []
  const parts = file.split('/')
  const last = parts.pop() ?? ''
  if (parts.some((part) => part.includes('*'))) {
    const message = 'only the last part of a path may hold *'
    return [{ path, aim: 'value', message, suggestion: null }]
  }
  if (/\.(ya?ml|json)$/i.test(last)) return []
  const message = 'expected a path that ends with .yaml, .yml or .json'
  return [{ path, aim: 'value', message, suggestion: null }]
}

function accessChecks(access: Access | undefined, at: Path): Complaint[] {
  if (access === undefined) return []
  const { basicAuth, bearerToken, bearerTokenFile, tls } = access
  const both = (path: Path, message: string, suggestion: string): Complaint[] => [
    { path: [...at, ...path], aim: 'key', message, suggestion },
  ]
  const isBearer = isSet(bearerToken) || isSet(bearerTokenFile)
  return [
    ...(isSet(basicAuth) && isBearer
      ? both(['basicAuth'], 'basic and bearer are both set', 'keep one of them')
      : []),
    ...(isSet(bearerToken) && isSet(bearerTokenFile)
      ? both(['bearerTokenFile'], 'the token is set twice', 'keep bearerToken or bearerTokenFile')
      : []),
    ...(basicAuth !== undefined && isSet(basicAuth.password) === isSet(basicAuth.passwordFile)
      ? both(
          ['basicAuth'],
          isSet(basicAuth.password) ? 'the password is set twice' : 'no password',
          'set password or passwordFile, one of them',
        )
      : []),
    ...(tls !== undefined && isSet(tls.certFile) !== isSet(tls.keyFile)
      ? both(['tls'], 'a client certificate needs its key', 'set certFile and keyFile, or none')
      : []),
  ]
}

const isSet = (value: unknown) => value !== undefined

function stepsChecks(steps: readonly (Step | undefined)[], at: Path): Complaint[] {
  return steps.flatMap((step, index) => (step === undefined ? [] : stepChecks(step, at, index)))
}

const writing = new Set(['replace', 'hashmod', 'lowercase', 'uppercase', 'keepequal', 'dropequal'])
const looking = new Set(['keep', 'drop', 'hashmod', 'lowercase', 'uppercase'])

function stepChecks(step: Step, at: Path, index: number): Complaint[] {
  const { action = 'replace' } = step
  const lacks = (key: string): Complaint => ({
    path: [...at, index],
    aim: 'key',
    message: `${action} needs ${key}`,
    suggestion: `set ${key}`,
  })
  return [
    ...(writing.has(action) && !isSet(step.targetLabel) ? [lacks('targetLabel')] : []),
    ...(looking.has(action) && step.sourceLabels.length === 0 ? [lacks('sourceLabels')] : []),
    ...(action === 'hashmod' && !isSet(step.modulus) ? [lacks('modulus')] : []),
  ]
}
