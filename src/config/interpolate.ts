// `${NAME}` and `${NAME:-default}` in the configuration's texts; `$${` stands for a literal `${`.

export type Environment = Readonly<Record<string, string | undefined>>

/** What a text asks for and cannot have. */
export interface InterpolationFault {
  readonly kind: 'unset' | 'malformed'
  /** Name of the variable, or the malformed piece. */
  readonly name: string
  /** The piece as written, to find it in the source. */
  readonly written: string
}

export interface Interpolation {
  readonly text: string
  /** Names of the variables that the text refers to, set or not. */
  readonly variables: readonly string[]
  readonly faults: readonly InterpolationFault[]
}

const reference = /\$\$\{|\$\{(?<name>[A-Za-z_]\w*)(?::-(?<fallback>[^}]*))?\}|\$\{[^}\s]*\}?/g

/** Replaces references by values of `env`; values are never interpolated again. A default also serves an empty value. */
export function interpolate(text: string, env: Environment): Interpolation {
  const variables: string[] = []
  const faults: InterpolationFault[] = []
  const replaced = text.replaceAll(reference, (written: string, ...rest: unknown[]) => {
    if (written === '$${') return '${'
    const [name, fallback] = groupsOf(rest)
    if (name === undefined) {
      faults.push({ kind: 'malformed', name: written, written })
      return written
    }
    variables.push(name)
    const value = env[name]
    if (fallback !== undefined) return value === undefined || value === '' ? fallback : value
    if (value !== undefined) return value
    faults.push({ kind: 'unset', name, written })
    return written
  })
  return { text: replaced, variables, faults }
}

/** Capture groups come first among the replacer's further arguments. */
function groupsOf(rest: readonly unknown[]): [string | undefined, string | undefined] {
  const [name, fallback] = rest
  return [
    typeof name === 'string' ? name : undefined,
    typeof fallback === 'string' ? fallback : undefined,
  ]
}
