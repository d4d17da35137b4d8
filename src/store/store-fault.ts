// What an engine's error means: may it pass, are the bytes bad, or is something else wrong?
import { messageOf, RetryableError, UserError } from '../records/failure.ts'

/**
 * The engine's own error code, e.g. `62`; `undefined` for errors that are not the engine's. By shape,
 * because server and embedded engine throw two classes of the same name.
 */
export function engineErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('type' in error)) return undefined
  const code = String(error.code)
  return /^\d+$/.test(code) ? code : undefined
}

/** Whether the engine could not read the rows themselves: trying again cannot help. */
export function isMalformed(error: unknown): boolean {
  return malformedCodes.has(engineErrorCode(error) ?? '')
}

/** The same error as a `RetryableError` or `UserError` where it is one. @param store how to call the store */
export function storeFault(error: unknown, store: string): unknown {
  if (error instanceof RetryableError || error instanceof UserError) return error
  const code = engineErrorCode(error)
  if (code === undefined) {
    return isNetworkError(error)
      ? new RetryableError(`The store ${store} is away: ${messageOf(error)}`, { cause: error })
      : error
  }
  if (refusedCodes.has(code)) {
    return new UserError(
      `The store ${store} refused the login: ${messageOf(error)}. Check store.username, store.password and store.database.`,
      { status: 401, code: 'store_login', cause: error },
    )
  }
  return passingCodes.has(code)
    ? new RetryableError(`The store ${store} cannot answer now: ${messageOf(error)}`, {
        cause: error,
      })
    : error
}

/** Whether the request did not come through, or its answer did not. */
export function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? String(error.code) : ''
  return /^(?:E[A-Z]+|UND_ERR_\w+)$/.test(code) || /timeout|socket hang up/i.test(error.message)
}

/** Codes of ClickHouse's ErrorCodes.cpp. */
const malformedCodes: ReadonlySet<string> = new Set([
  '6', // CANNOT_PARSE_TEXT
  '27', // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  '32', // ATTEMPT_TO_READ_AFTER_EOF
  '33', // CANNOT_READ_ALL_DATA
  '41', // CANNOT_PARSE_DATETIME
  '69', // ARGUMENT_OUT_OF_BOUND
  '117', // INCORRECT_DATA
  '128', // TOO_LARGE_ARRAY_SIZE
  '131', // TOO_LARGE_STRING_SIZE
  '321', // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
  '691', // UNKNOWN_ELEMENT_OF_ENUM
])

const passingCodes: ReadonlySet<string> = new Set([
  '159', // TIMEOUT_EXCEEDED
  '202', // TOO_MANY_SIMULTANEOUS_QUERIES
  '209', // SOCKET_TIMEOUT
  '210', // NETWORK_ERROR
  '241', // MEMORY_LIMIT_EXCEEDED
  '242', // TABLE_IS_READ_ONLY
  '243', // NOT_ENOUGH_SPACE
  '252', // TOO_MANY_PARTS
  '319', // UNKNOWN_STATUS_OF_INSERT
  '999', // KEEPER_EXCEPTION
])

const refusedCodes: ReadonlySet<string> = new Set([
  '192', // UNKNOWN_USER
  '193', // WRONG_PASSWORD
  '194', // REQUIRED_PASSWORD
  '497', // ACCESS_DENIED
  '516', // AUTHENTICATION_FAILED
])
