import { UserError } from '../records/failure.ts'

/** One kind of text that must not be stored. */
export interface Detector {
  /** Cheap: false only when `replace` would surely change nothing. */
  mayMatch(text: string): boolean
  /** Calls `marker` with the kind for each finding and puts what it returns in its place. */
  replace(text: string, marker: (kind: string) => string): string
}

/** A user's own pattern, compiled and found harmless. */
export interface ExtraPattern {
  readonly kind: string
  /** Global. */
  readonly pattern: RegExp
}

/** Compiles the patterns of `gateway.redaction.patterns`: name to regular expression. */
export function compilePatterns(patterns: Readonly<Record<string, string>>): ExtraPattern[] {
  return Object.entries(patterns).map(([kind, source]) => {
    if (!/^[\w-]{1,40}$/.test(kind)) {
      throw new UserError(
        `redaction pattern name "${kind}" is not usable: use up to 40 letters, digits, _ and -`,
      )
    }
    if (nestedRepeat.test(source)) {
      throw new UserError(
        `redaction pattern "${kind}" repeats a group that itself repeats (${source}): such a pattern can take exponential time. Bound the inner repeat, e.g. {1,64}, and drop the outer one`,
      )
    }
    return { kind, pattern: compile(kind, source) }
  })
}

/**
 * A detector of everything that a global pattern matches.
 * @param hint matches wherever `pattern` may, and is much cheaper; most texts hold nothing to redact
 */
export function fromPattern({ kind, pattern }: ExtraPattern, hint?: RegExp): Detector {
  return {
    mayMatch: (text) => hint === undefined || hint.test(text),
    replace: (text, marker) => text.replace(pattern, (match) => (match === '' ? '' : marker(kind))),
  }
}

/** `(a+)+`, `(a*b)*`, `(\w+){2,}`: an unbounded repeat inside a repeated group. */
const nestedRepeat = /\((?:[^()\\]|\\.)*(?:[*+]|\{\d+,\})(?:[^()\\]|\\.)*\)(?:[*+]|\{\d+,\d*\})/

function compile(kind: string, source: string): RegExp {
  try {
    return new RegExp(source, 'gu')
  } catch (error) {
    throw new UserError(
      `redaction pattern "${kind}" is not a regular expression: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
}
