import { UserError } from '../../records/failure.ts'
import { openFault, type OpenFault } from './fault.ts'
import { unsafeAnswers } from './unsafe-answers.ts'

/** Each fault of the library, one line each. */
export const faults: readonly OpenFault[] = [openFault(unsafeAnswers)]

/** The fault of that kind; a `UserError` when there is none. */
export function faultOf(kind: string): OpenFault {
  const fault = faults.find((candidate) => candidate.kind === kind)
  if (fault !== undefined) return fault
  const known = faults.map((candidate) => candidate.kind).join(', ')
  throw new UserError(`There is no fault "${kind}", expected one of: ${known}.`)
}
