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

function listenerChecks({ server, gateway }: Outline): Complaint[] {
  const open = [
    { section: 'server', listener: server, locks: server.tokens, lock: 'tokens' },
    ...(gateway.enabled
      ? [{ section: 'gateway', listener: gateway, locks: gateway.keys, lock: 'keys' }]
      : []),
  ].filter(({ listener, locks }) => !isLoopback(listener.host ?? '127.0.0.1') && locks.length === 0)
  const refused = open.map(({ section, listener, lock }): Complaint => ({
    path: [section, 'host'],
    aim: 'value',
    message: `"${listener.host}" can be reached from other machines and ${section}.${lock} is empty`,
    suggestion: `add ${section}.${lock}, or listen on 127.0.0.1`,
  }))
  const samePort = gateway.enabled && (server.port ?? 4600) === (gateway.port ?? 4601)
  if (!samePort || server.port === 0) return refused
  const path = gateway.port === undefined ? ['server', 'port'] : ['gateway', 'port']
  const message = `server and gateway both listen on port ${server.port ?? 4600}`
  return [...refused, { path, aim: 'value', message, suggestion: 'give each its own port' }]
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
