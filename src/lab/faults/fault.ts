import { z } from 'zod'
import { UserError } from '../../records/failure.ts'
import type { JudgeServer } from '../judge-server.ts'
import type { ModelServer } from '../model-server.ts'

/** What faults may touch. */
export interface FaultTargets {
  readonly modelServers: readonly ModelServer[]
  readonly judge: JudgeServer
}

/** One way to break the lab. `apply` returns what mends it again. */
export interface Fault<Config> {
  readonly kind: string
  /** One sentence for people. */
  readonly summary: string
  readonly config: z.ZodType<Config>
  apply(targets: FaultTargets, config: Config): () => void
}

/** A fault whose configuration type is forgotten, so that all kinds fit one list. */
export interface OpenFault {
  readonly kind: string
  readonly summary: string
  /** Throws a `UserError` that names the wrong setting; returns what mends it again. */
  inject(targets: FaultTargets, config: unknown): () => void
}

export function openFault<Config>(fault: Fault<Config>): OpenFault {
  return {
    kind: fault.kind,
    summary: fault.summary,
    inject: (targets, input) => {
      const parsed = fault.config.safeParse(input)
      if (!parsed.success) {
        throw new UserError(`Fault ${fault.kind}: ${z.prettifyError(parsed.error)}`)
      }
      return fault.apply(targets, parsed.data)
    },
  }
}

/** The servers of a model; a `UserError` when the lab has no such model. */
export function serversOf(targets: FaultTargets, model: string): readonly ModelServer[] {
  const servers = targets.modelServers.filter((server) => server.component === model)
  if (servers.length > 0) return servers
  const known = [...new Set(targets.modelServers.map((server) => server.component))].join(', ')
  throw new UserError(`The lab has no model "${model}", expected one of: ${known}.`)
}
