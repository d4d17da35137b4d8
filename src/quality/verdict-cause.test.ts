import { expect, test } from 'vitest'
import { verdictCause } from './verdict-cause.ts'

test.each([
  ['failed', 'the judge answered HTTP 429: busy (3 tries)', 'rate_limited'],
  ['failed', 'the judge answered HTTP 503:  (3 tries)', 'server_error'],
  ['failed', 'the judge answered HTTP 401: key', 'refused'],
  ['failed', 'the judge answered nonsense twice: Unexpected token in "HTTP 429"', 'nonsense'],
  ['failed', 'the judge did not answer within 30 s', 'timeout'],
  ['failed', 'no connection to the judge at http://x: refused (3 tries)', 'no_connection'],
  ['failed', 'Cannot read properties of undefined', 'other'],
  ['dropped', 'the judge’s budget of 10 $ a day is used up (9.9990 $ spent)', 'budget'],
  ['dropped', 'too old: 25 h passed without a turn', 'expired'],
  ['skipped', 'the call has no attribute reference', 'missing_input'],
  ['skipped', 'not_applicable: the condition does not hold', 'not_applicable'],
] as const)('%s: %s', (outcome, reason, cause) => {
  expect(verdictCause(outcome, reason)).toBe(cause)
})
