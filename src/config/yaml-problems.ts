// Faults of the YAML itself, in the same form as every other problem and with nothing of the text repeated.
import { type Node, visit, type YAMLError } from 'yaml'
import type { ConfigProblem } from './config-problem.ts'
import { type ConfigSource, isOddKey, keysOfMaps, problemAtRange } from './config-source.ts'
import type { Range } from './secrets.ts'

export interface SyntaxProblem {
  readonly problem: ConfigProblem
  /** The text cannot be trusted beyond this, so nothing else is checked. */
  readonly broken: boolean
}

/** Everything that the YAML parser refuses or only warns about: a setting that is half understood is no setting. */
export function syntaxProblems(source: ConfigSource): SyntaxProblem[] {
  const { errors, warnings } = source.document
  // Behind the first break the parser stumbles over every token; only the first stumble tells something.
  const first = errors.findIndex(isBreak)
  const telling = errors.filter(
    (error, index) => index <= first || first === -1 || error.code !== 'UNEXPECTED_TOKEN',
  )
  return [
    ...[...telling, ...warnings].map((error) => ({
      problem: problemOf(source, error),
      broken: isBreak(error),
    })),
    ...oddNodes(source),
  ]
}

const isBreak = ({ code }: YAMLError) => code !== 'DUPLICATE_KEY' && code !== 'TAG_RESOLVE_FAILED'

type Said = Pick<ConfigProblem, 'message' | 'suggestion'>

const explained: Readonly<Record<string, Said>> = {
  DUPLICATE_KEY: { message: 'this key is there twice', suggestion: 'keep one of them' },
  TAB_AS_INDENT: { message: 'a tab cannot indent', suggestion: 'use spaces' },
  BAD_INDENT: {
    message: 'this line is not indented like its neighbours',
    suggestion: 'line keys of one mapping up',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a second ": " on one line',
    suggestion: 'quote the text, or put the inner mapping on its own indented lines',
  },
  MULTIPLE_DOCS: {
    message: 'a second YAML document starts here',
    suggestion: 'keep one configuration a file',
  },
  TAG_RESOLVE_FAILED: {
    message: 'tags are not used here',
    suggestion: 'write the value without "!"; variables are ${NAME}',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'this is neither a key nor a value',
    suggestion: 'write "key: value"; is a colon missing, or is a line indented too far?',
  },
}

function problemOf(source: ConfigSource, error: YAMLError): ConfigProblem {
  const said = explained[error.code] ?? { message: parserMessage(error), suggestion: null }
  const range = openingOf(source, error)
  const suggestion = unquotedVariable(source, range) ?? said.suggestion
  return problemAtRange(source, range, { path: [], value: null, message: said.message, suggestion })
}

/** The parser quotes tokens, and a token may be a secret. */
function parserMessage({ message }: YAMLError): string {
  return `not valid YAML: ${message.replace(/ token in YAML stream:[^]*$/, ' here')}`
}

/** A quote that never ends is reported by the parser where the file ends; the place to look is where it starts. */
function openingOf(source: ConfigSource, error: YAMLError): Range {
  const [start, end] = error.pos
  if (!error.message.includes('closing')) return [start, end]
  const open = source.scalars.find(({ range }) => range[0] < start && start <= range[1])
  return open === undefined ? [start, end] : [open.range[0], open.range[0] + 1]
}

/** `[${A}]` and `{k: ${A}}` are the usual trap: braces end a plain text within brackets. */
function unquotedVariable(source: ConfigSource, [start]: Range): string | null {
  const lineStart = source.text.lastIndexOf('\n', start - 1) + 1
  const line = source.text.slice(lineStart).split('\n', 1)[0] ?? ''
  return /[[{](.*[^"'])?\$\{/.test(line) ? 'put ${...} in quotes within [ ] and { }' : null
}

/** Aliases of nothing, and keys that are no text: valid YAML without a meaning here. */
function oddNodes(source: ConfigSource): SyntaxProblem[] {
  const found: SyntaxProblem[] = []
  const report = (node: Node, said: Said) => {
    const [start, end] = node.range ?? [0, 1]
    const problem = problemAtRange(source, [start, end], { path: [], value: null, ...said })
    found.push({ problem, broken: true })
  }
  for (const key of keysOfMaps(source.document).filter(isOddKey)) {
    report(key, { message: 'a key must be plain text', suggestion: 'write "key: value"' })
  }
  visit(source.document, {
    Alias: (_, alias) => {
      if (alias.resolve(source.document) !== undefined) return
      const message = `no anchor is called "${alias.source}"`
      report(alias, { message, suggestion: 'quote the text if it is meant to start with "*"' })
    },
  })
  return found
}
