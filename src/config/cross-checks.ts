// What no single field can tell: names that must exist, GPUs that only one copy may have, listeners that need a lock.
import { instanceCatalogue } from './catalogue-data.ts'
import type { Complaint } from './config-source.ts'
import { type Outline, outlineSchema } from './config-outline.ts'
import { duplicates, fleetChecks } from './fleet-checks.ts'
import { didYouMean } from './nearest.ts'
import { scrapeChecks } from './scrape-checks.ts'

/** Everything that is wrong between fields of the raw configuration. `dimensionOf` knows the evaluators' own dimensions. */
export function crossComplaints(
  raw: unknown,
  dimensionOf: (kind: string) => string | undefined,
): Complaint[] {
  const parsed = outlineSchema.safeParse(raw)
  if (!parsed.success) return []
  const outline = parsed.data
  return [
    ...listenerChecks(outline),
    ...fleetChecks(outline.fleet, instanceCatalogue),
    ...scrapeChecks(outline),
    ...modelChecks(outline),
    ...judgeChecks(outline),
    ...gateChecks(outline, dimensionOf),
    ...duplicates(
      outline.alerts.rules.map((rule, index) => [['alerts', 'rules', index, 'name'], rule?.name]),
      'rule',
    ),
  ]
}

interface Listener {
  readonly section: readonly string[]
  readonly host: string
  /** 0 = any free one. */
  readonly port: number
  readonly isPortSet: boolean
  /** What keeps strangers out, and the setting that holds it. */
  readonly locks: readonly unknown[]
  readonly lock: string
}

function listenerChecks(outline: Outline): Complaint[] {
  const listeners = listenersOf(outline)
  const refused = listeners
    .filter(({ host, locks }) => !isLoopback(host) && locks.length === 0)
    .map(({ section, host, lock }): Complaint => ({
      path: [...section, 'host'],
      aim: 'value',
      message: `"${host}" can be reached from other machines and ${lock} is empty`,
      suggestion: `add ${lock}, or listen on 127.0.0.1`,
    }))
  const clashes = listeners.flatMap((listener, index) => {
    const other = listeners.slice(0, index).find(({ port }) => port === listener.port)
    return other === undefined || listener.port === 0 ? [] : [portClash(other, listener)]
  })
  return [...refused, ...clashes]
}

function listenersOf({ server, gateway }: Outline): Listener[] {
  const tokens = { locks: server.tokens, lock: 'server.tokens' }
  const keys = { locks: gateway.keys, lock: 'gateway.keys' }
  const { otlpGrpc } = server
  return [
    { ...boundAt(['server'], server, 4600), ...tokens },
    ...(gateway.enabled ? [{ ...boundAt(['gateway'], gateway, 4601), ...keys }] : []),
    ...(otlpGrpc === undefined
      ? []
      : [{ ...boundAt(['server', 'otlpGrpc'], otlpGrpc, 4317), ...tokens }]),
  ]
}

function boundAt(
  section: readonly string[],
  { host, port }: { readonly host?: string | undefined; readonly port?: number | undefined },
  usual: number,
) {
  return {
    section,
    host: host ?? '127.0.0.1',
    port: port ?? usual,
    isPortSet: port !== undefined,
  }
}

function portClash(other: Listener, listener: Listener): Complaint {
  const told = listener.isPortSet ? listener : other
  return {
    path: [...told.section, 'port'],
    aim: 'value',
    message: `${other.section.join('.')} and ${listener.section.join('.')} both listen on port ${listener.port}`,
    suggestion: 'give each its own port',
  }
}

/** 127.0.0.0/8, ::1 and localhost. */
function isLoopback(host: string): boolean {
  return /^(127(\.\d{1,3}){3}|localhost|\[?::1\]?)$/i.test(host.trim())
}

function modelChecks({ fleet, quality, alerts }: Outline): Complaint[] {
  const models = fleet.components.map((component) => component?.model ?? component?.name)
  // With a broken component in the list, the set of models is not known.
  if (models.includes(undefined)) return []
  const known = models.filter((model) => model !== undefined)
  const mentions = [
    ...quality.evaluators.map((entry, index) => ({ at: ['quality', 'evaluators', index], entry })),
    ...alerts.rules.map((entry, index) => ({ at: ['alerts', 'rules', index], entry })),
  ]
  return mentions.flatMap(({ at, entry }) =>
    (entry?.models ?? []).flatMap((model, index): Complaint[] =>
      model === undefined || known.includes(model)
        ? []
        : [
            {
              path: [...at, 'models', index],
              aim: 'value',
              message: `no component serves model "${model}"`,
              suggestion: didYouMean(model, known),
            },
          ],
    ),
  )
}

function judgeChecks({ quality }: Outline): Complaint[] {
  if (quality.judge !== undefined && quality.judge !== null) return []
  return quality.evaluators.flatMap((evaluator, index): Complaint[] =>
    evaluator?.kind?.startsWith('judge_') === true
      ? [
          {
            path: ['quality', 'evaluators', index, 'kind'],
            aim: 'value',
            message: `"${evaluator.kind}" needs a judge and quality.judge is not set`,
            suggestion: 'add quality.judge with url and model',
          },
        ]
      : [],
  )
}

/** A gate that was chosen must be fed, or it would veto nothing. Evaluators of unknown dimension get the doubt. */
function gateChecks(
  { quality }: Outline,
  dimensionOf: (kind: string) => string | undefined,
): Complaint[] {
  const { gate } = quality.composite
  if (gate === undefined || quality.evaluators.length === 0) return []
  const fed = quality.evaluators.map((evaluator) => {
    const kind = evaluator?.kind ?? ''
    return evaluator?.dimension ?? dimensionOf(kind)
  })
  if (fed.includes(undefined) || fed.includes(gate)) return []
  const known = [...new Set(fed.filter((dimension) => dimension !== undefined))]
  return [
    {
      path: ['quality', 'composite', 'gate'],
      aim: 'value',
      message: `no evaluator feeds the gate "${gate}"`,
      suggestion: didYouMean(gate, known) ?? 'add an evaluator of that dimension',
    },
  ]
}
