// Lists of targets as Prometheus' file and HTTP discovery have them.
import { parse } from 'yaml'
import { z } from 'zod'
import { messageOf, UserError } from '../../records/failure.ts'
import type { Labels } from './relabel.ts'

/** Targets that share labels. */
export interface TargetGroup {
  readonly targets: readonly string[]
  readonly labels: Labels
}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String)

const groupList = z.array(
  z.object({
    targets: z.array(z.string().min(1)),
    labels: z.record(z.string().regex(/^[a-zA-Z_]\w*$/), scalar).nullish(),
  }),
)

/**
 * Reads a list of targets in YAML or JSON. Throws a `UserError` that says what is wrong with it.
 * @param format JSON is stricter: services must answer it
 */
export function parseTargetGroups(text: string, format: 'yaml' | 'json'): TargetGroup[] {
  const found = groupList.safeParse(read(text, format))
  if (!found.success) {
    const [issue] = found.error.issues
    const place = issue?.path.length === 0 ? '' : ` at ${issue?.path.join('.')}`
    throw new UserError(
      `is no list of targets${place}: ${issue?.message ?? ''}; expected [{"targets": ["host:port"], "labels": {}}]`,
    )
  }
  return found.data.map(({ targets, labels }) => ({ targets, labels: labels ?? {} }))
}

/** Aliases that multiply are refused: a small file must not become a large list. */
const mostAliases = 100

function read(text: string, format: 'yaml' | 'json'): unknown {
  try {
    if (format === 'json') return JSON.parse(text)
    const document: unknown = parse(text, { maxAliasCount: mostAliases, logLevel: 'error' })
    return document ?? []
  } catch (error) {
    throw new UserError(`is no ${format.toUpperCase()}: ${messageOf(error).split('\n')[0] ?? ''}`)
  }
}
