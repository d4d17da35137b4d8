import { z } from 'zod'
import { UserError } from '../records/failure.ts'
import type { Log } from '../telemetry/log.ts'
import type { FaultTargets } from './faults/fault.ts'
import { faultOf } from './faults/registry.ts'

export interface ActiveFault {
  readonly kind: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly startedAtMs: number
  /** `null` = until it is cleared. */
  readonly endsAtMs: number | null
}

/** Turns faults on and off. */
export interface FaultSwitch {
  /** `{kind, durationSeconds?, ...settings}`; a `UserError` says what is wrong with it. */
  inject(request: unknown): ActiveFault
  clear(): void
  active(): readonly ActiveFault[]
}

const faultRequest = z.looseObject({
  kind: z.string(),
  durationSeconds: z.number().positive().max(86_400).optional(),
})

/** A switch with all faults off. */
export function createFaultSwitch(targets: FaultTargets, log: Log): FaultSwitch {
  const running = new Map<ActiveFault, () => void>()

  const mend = (fault: ActiveFault) => {
    running.get(fault)?.()
    if (running.delete(fault)) log.info({ kind: fault.kind }, 'Fault cleared.')
  }

  return {
    inject: (request) => {
      const parsed = faultRequest.safeParse(request)
      if (!parsed.success) throw new UserError(`Fault: ${z.prettifyError(parsed.error)}`)
      const { kind, durationSeconds, ...settings } = parsed.data
      const undo = faultOf(kind).inject(targets, settings)
      const startedAtMs = Date.now()
      const endsAtMs = durationSeconds === undefined ? null : startedAtMs + durationSeconds * 1_000
      const fault: ActiveFault = { kind, settings, startedAtMs, endsAtMs }
      const timer =
        durationSeconds === undefined
          ? undefined
          : setTimeout(() => mend(fault), durationSeconds * 1_000)
      running.set(fault, () => {
        clearTimeout(timer)
        undo()
      })
      log.info({ kind, ...settings }, 'Fault injected.')
      return fault
    },
    clear: () => {
      for (const fault of running.keys()) mend(fault)
    },
    active: () => [...running.keys()],
  }
}
