import { UserError } from '../records/failure.ts'

/** One thing wrong with a configuration file, with where it is and how to mend it. Never holds a secret. */
export interface ConfigProblem {
  readonly file: string
  /** 1-based. */
  readonly line: number
  /** 1-based. */
  readonly column: number
  /** e.g. `fleet.components[0].concurency`; empty for the file as a whole. */
  readonly path: string
  /** The offending value as written; `null` where there is none to show. */
  readonly value: string | null
  readonly message: string
  readonly suggestion: string | null
  /** The source line with its number, and a caret below the offending part. */
  readonly excerpt: string
}

/** Everything that is wrong with a configuration, at once. */
export class ConfigError extends UserError {
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(formatProblem).join('\n\n'), { code: 'bad_config' })
    this.problems = problems
  }
}

/** One problem as text: place, path, message, suggestion, then the source line with a caret. */
export function formatProblem(problem: ConfigProblem): string {
  const { file, line, column, path, message, suggestion, excerpt } = problem
  const said = suggestion === null ? message : `${message}; ${suggestion}`
  const parts = [`${file}:${line}:${column}`, path, said].filter((part) => part !== '')
  return `${parts.join('  ')}\n${excerpt}`
}

/** `['fleet', 'components', 0, 'name']` to `fleet.components[0].name`. */
export function formatPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, segment) => {
    if (typeof segment === 'number') return `${text}[${segment}]`
    return text === '' ? segment : `${text}.${segment}`
  }, '')
}
