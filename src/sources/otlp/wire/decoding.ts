// What keeps the decoding of a hostile body within bounds, and how it says what is wrong.
import { UserError } from '../../../records/failure.ts'

/** Counts what a body unfolds into: a few bytes on the wire can ask for an object each. */
export interface Budget {
  /** Takes so many values; a `UserError` (413) when there are none left. */
  spend(count: number): void
  /** Counts a field that nobody reads; a `UserError` (413) when there are too many to pass over. */
  passOver(): void
  /** Runs a step one level deeper; throws when the levels are used up. */
  deeper<Result>(step: () => Result): Result
}

/** A body that is not what it should be, with the path to the value; turned into a 400 at the door. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError'
  readonly path: (string | number)[] = []
}

/**
 * Bounds for one body.
 * @param mostValues records, attributes, list elements and buckets together
 */
export function createBudget(mostValues = 1_000_000): Budget {
  let left = mostValues
  let unread = 0
  let depth = 0
  return {
    spend(count) {
      left -= count
      if (left >= 0) return
      throw new UserError(
        `the body holds more than ${mostValues} values (records, attributes, buckets): send less at a time`,
        { status: 413, code: 'too_many_values' },
      )
    },
    passOver() {
      unread += 1
      if (unread <= mostUnread) return
      throw new UserError(
        `the body holds more than ${mostUnread} fields that OTLP does not have or that are not kept: send less at a time`,
        { status: 413, code: 'too_many_values' },
      )
    },
    deeper(step) {
      if (depth >= mostDepth) {
        throw new MalformedError(`values are nested more than ${mostDepth} deep`)
      }
      depth += 1
      const result = step()
      depth -= 1
      return result
    },
  }
}

const mostDepth = 32

/** One takes two bytes: without a bound a small packed body would keep the event loop for most of a second. */
const mostUnread = 2_000_000

/** Runs a step of decoding; what it finds malformed gets this place in front of its path. */
export function within<Result>(place: string | number, step: () => Result): Result {
  try {
    return step()
  } catch (error) {
    if (error instanceof MalformedError) error.path.unshift(place)
    throw error
  }
}

/** A value of a message as a person would write it, cut short. */
export function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 60)
}
