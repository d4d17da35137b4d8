// Settings of evaluators and notifiers, checked by their own schemas when the caller says which ones there are.
import { z } from 'zod'
import type { Complaint } from './config-source.ts'
import { didYouMean } from './nearest.ts'
import { schemaComplaints } from './schema-complaints.ts'
import { valueIn } from './schema-walk.ts'
import type { Path } from './secrets.ts'

/** Evaluators and notifiers by kind. A map that is left out is not checked. */
export interface AdapterSchemas {
  readonly evaluators?: ReadonlyMap<
    string,
    { readonly dimension: string; readonly config: z.ZodType }
  >
  readonly notifiers?: ReadonlyMap<string, { readonly config: z.ZodType }>
}

/** Unknown kinds, and settings that an adapter's own schema refuses. */
export function adapterComplaints(raw: unknown, adapters: AdapterSchemas): Complaint[] {
  return [
    ...listComplaints(raw, ['quality', 'evaluators'], adapters.evaluators),
    ...listComplaints(raw, ['alerts', 'notifiers'], adapters.notifiers),
  ]
}

const entrySchema = z.object({
  kind: z.string(),
  config: z.record(z.string(), z.unknown()).default({}),
})

function listComplaints(
  raw: unknown,
  at: Path,
  known: ReadonlyMap<string, { readonly config: z.ZodType }> | undefined,
): Complaint[] {
  const entries = at.reduce(valueIn, raw)
  if (known === undefined || !Array.isArray(entries)) return []
  return entries.flatMap((entry: unknown, index): Complaint[] => {
    const parsed = entrySchema.safeParse(entry)
    if (!parsed.success) return []
    const { kind, config } = parsed.data
    const schema = known.get(kind)?.config
    if (schema !== undefined) return schemaComplaints(schema, config, [...at, index, 'config'])
    const message = `unknown kind "${kind}"`
    const suggestion = didYouMean(kind, [...known.keys()])
    return [{ path: [...at, index, 'kind'], aim: 'value', message, suggestion }]
  })
}
