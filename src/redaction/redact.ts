// What is replaced before any text is stored. Every pattern is linear in the text: bounded repeats, and starts
// only where a token starts, so that hostile input costs no more than plain input of its length.
import type { Detector, ExtraPattern } from './detector.ts'
import { fromPattern } from './detector.ts'
import { internationalBankAccounts } from './iban.ts'
import { internetAddresses } from './internet-address.ts'
import { paymentCards } from './payment-card.ts'
import { privateKeyBlocks } from './private-key.ts'
import { assignedSecrets } from './secret-assignment.ts'

export interface Redacted {
  readonly text: string
  /** How many pieces of each kind were replaced. */
  readonly found: Readonly<Record<string, number>>
}

/**
 * Replaces personal data and secrets by `[redacted:<kind>]`. Running it on its own result changes nothing.
 * @param extraPatterns the user's own, from `compilePatterns`
 */
export function redact(text: string, extraPatterns: readonly ExtraPattern[] = []): Redacted {
  const found: Record<string, number> = {}
  const detectors = [...builtIn, ...extraPatterns.map((extra) => fromPattern(extra))]
  let current = text
  // What is cut out may leave a neighbour that now matches, so repeat until nothing changes.
  for (let pass = 0; pass < maxPasses; pass += 1) {
    const next = redactOnce(current, detectors, found)
    if (next === current) break
    current = next
  }
  return { text: current, found }
}

/** Each pass only removes text; in practice the second finds nothing. */
const maxPasses = 10

// Order matters: the specific before the general, so that a key in an assignment keeps its own kind.
const builtIn: readonly Detector[] = [
  privateKeyBlocks,
  fromPattern({ kind: 'jwt', pattern: /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g }, /eyJ/),
  fromPattern(
    {
      kind: 'aws_key',
      pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{16}(?![A-Za-z0-9])/g,
    },
    /A(?:KIA|SIA|BIA|CCA|ROA|IDA)[A-Z0-9]{16}/,
  ),
  fromPattern(
    {
      kind: 'api_key',
      pattern:
        /(?<![\w-])(?:sk-[\w-]{16,}|[sr]k_(?:live|test)_\w{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{10,}|AIza[\w-]{35}|hf_\w{20,}|npm_\w{30,}|gsk_\w{20,})/g,
    },
    /[-_][\w-]{10}|AIza/,
  ),
  fromPattern(
    { kind: 'api_key', pattern: /(?<=\bBearer[ \t]{1,4})[\w.~+/-]{16,}={0,2}/gi },
    /bearer[ \t]/i,
  ),
  assignedSecrets,
  fromPattern(
    {
      kind: 'email',
      pattern:
        /(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,6}\.[A-Za-z]{2,24}(?![A-Za-z])/g,
    },
    /@/,
  ),
  internationalBankAccounts,
  internetAddresses,
  fromPattern(
    {
      kind: 'ssn',
      pattern: /(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/g,
    },
    /-\d\d-\d{4}/,
  ),
  paymentCards,
  // International with a plus, then North American with separators.
  fromPattern(
    { kind: 'phone', pattern: /(?<![\w+])\+\d(?:[ ().\-/]{0,2}\d){7,14}(?!\d)/g },
    /\+\d/,
  ),
  fromPattern(
    {
      kind: 'phone',
      pattern:
        /(?<![\w.-])(?:1[ .-])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])\d{3}[ .-]\d{4}(?![\d-])/g,
    },
    /\d{3}[ .-]\d{4}/,
  ),
]

const marker = /(\[redacted:[\w-]{1,40}\])/

function redactOnce(
  text: string,
  detectors: readonly Detector[],
  found: Record<string, number>,
): string {
  let current = text
  for (const detector of detectors) {
    if (!detector.mayMatch(current)) continue
    const replace = (kind: string) => {
      found[kind] = (found[kind] ?? 0) + 1
      return `[redacted:${kind}]`
    }
    // Odd pieces are markers of earlier findings: never looked into.
    current = current
      .split(marker)
      .map((piece, index) => (index % 2 === 1 ? piece : detector.replace(piece, replace)))
      .join('')
  }
  return current
}
