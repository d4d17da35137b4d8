// The YAML text with a place for everything in it, so that each complaint can point at its line.
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml'
import { messageOf, UserError } from '../records/failure.ts'
import { type ConfigProblem, formatPath } from './config-problem.ts'
import {
  credentialRanges,
  hidden,
  isSecret,
  maskLine,
  type Path,
  type Range,
  secretRangesByWord,
} from './secrets.ts'

/** Something wrong at a path, before it is known where in the text that is. */
export interface Complaint {
  readonly path: Path
  /** Point at the key itself or at its value. */
  readonly aim: 'key' | 'value'
  readonly message: string
  readonly suggestion: string | null
  /** Nobody knows what the value is, so text in it is not shown: it may be a secret under a mistyped name. */
  readonly unknown?: true
}

/** A text value of the file with its path and where it is written. */
export interface PlacedScalar {
  readonly scalar: Scalar
  readonly path: Path
  readonly range: Range
}

export interface ConfigSource {
  readonly file: string
  readonly text: string
  readonly document: Document.Parsed
  readonly scalars: readonly PlacedScalar[]
  readonly secrets: readonly Range[]
  readonly lines: LineCounter
}

/** Parses YAML without throwing: faults of the syntax are left in `document.errors`. */
export function readSource(file: string, text: string): ConfigSource {
  const lines = new LineCounter()
  const options = { prettyErrors: false, lineCounter: lines, merge: true }
  const document = resolving(file, () => parseDocument(text, options))
  const scalars = scalarsOf(document.contents, [])
  const byPath = scalars
    .filter(({ path, scalar }) => isSecret(path) || holdsSecret(scalar.value))
    .filter(({ range }) => !isReference(text.slice(...range)))
    .map(({ range }) => range)
  const misread = document.errors.length > 0 || keysOfMaps(document).some(isOddKey)
  const byWord = misread ? secretRangesByWord(text) : []
  const secrets = [...byPath, ...byWord, ...credentialRanges(text)]
  return { file, text, document, scalars, secrets, lines }
}

/** The source with the texts below these paths hidden as well. */
export function hiding(source: ConfigSource, paths: readonly Path[]): ConfigSource {
  const more = source.scalars
    .filter(({ scalar }) => typeof scalar.value === 'string')
    .filter(({ path }) => paths.some((start) => startsWith(path, start)))
    .filter(({ range }) => !isReference(source.text.slice(...range)))
  return { ...source, secrets: [...source.secrets, ...more.map(({ range }) => range)] }
}

/** True when `path` is `start` or lies below it. */
export function startsWith(path: Path, start: Path): boolean {
  return start.every((segment, index) => path[index] === segment)
}

/** The document as plain values; a `UserError` when its aliases or merges make no sense. */
export function plainValue({ file, document }: ConfigSource): unknown {
  return resolving(file, () => document.toJS({ maxAliasCount: 1_000 }) ?? {})
}

/** The YAML library throws where an alias grows without bound or a merge has no mapping to merge. */
function resolving<Result>(file: string, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    throw new UserError(`${file}:1:1  aliases or merges make no sense: ${messageOf(error)}`, {
      code: 'bad_config',
      cause: error,
    })
  }
}

/** A complaint with its place in the text. */
export function problemAtPath(source: ConfigSource, complaint: Complaint): ConfigProblem {
  const range = rangeOf(source.document, complaint.path, complaint.aim)
  const value = complaint.aim === 'key' ? null : shownValue(source, complaint.path)
  const tells = value !== null && value !== hidden && complaint.message.startsWith('expected')
  const message = tells ? `${complaint.message}, found ${value}` : complaint.message
  return problemAtRange(source, range, { ...complaint, message, value })
}

/** A problem at offsets of the text. */
export function problemAtRange(
  source: ConfigSource,
  range: Range,
  said: Pick<Complaint, 'path' | 'message' | 'suggestion'> & { readonly value: string | null },
): ConfigProblem {
  const start = Math.min(range[0], source.text.trimEnd().length)
  const { line, col } = source.lines.linePos(start)
  const offset = source.lines.lineStarts[line - 1] ?? 0
  const text = source.text.slice(offset).split(/\r?\n/, 1)[0] ?? ''
  const masked = maskLine({ text, offset }, source.secrets, col - 1)
  const width = Math.max(1, Math.min(range[1] - start, masked.text.length - masked.column))
  return {
    file: source.file,
    line,
    column: col,
    path: formatPath(said.path),
    value: said.value,
    message: said.message,
    suggestion: said.suggestion,
    excerpt: excerptOf(line, masked, width),
  }
}

/** The value at a path as it may be shown: secrets hidden, values of variables named and not shown. */
export function shownValue(source: ConfigSource, path: Path): string | null {
  const node = nodeAt(source.document, path)
  if (isMap(node)) return 'a mapping'
  if (isSeq(node)) return 'a list'
  if (!isScalar(node) || !node.range) return null
  const written = source.text.slice(node.range[0], node.range[1]).trim()
  if ((isSecret(path) || holdsSecret(node.value)) && !isReference(written)) return hidden
  if (written.includes('${')) return `the value of ${withoutCredentials(written)}`
  return typeof node.value === 'string'
    ? shorten(JSON.stringify(withoutCredentials(node.value)))
    : written || 'nothing'
}

/** A key that is a list or a mapping, or that swallowed a piece of the configuration: the text is not what was meant. */
export function isOddKey(key: Node): boolean {
  return !isScalar(key) || holdsSecret(key.value)
}

/** Each key of the document, wherever it is. */
export function keysOfMaps(document: Document.Parsed): Node[] {
  const keys: Node[] = []
  visit(document, { Pair: (_, { key }) => void (isNode(key) && keys.push(key)) })
  return keys
}

/** Text that was meant to be a part of the configuration, secrets included, for instance after a stray `|`. */
function holdsSecret(value: unknown): boolean {
  return typeof value === 'string' && secretRangesByWord(value).length > 0
}

function scalarsOf(node: unknown, path: Path): PlacedScalar[] {
  if (isScalar(node)) {
    return node.range === null || node.range === undefined
      ? []
      : [{ scalar: node, path, range: [node.range[0], node.range[1]] }]
  }
  if (isSeq(node)) return node.items.flatMap((item, index) => scalarsOf(item, [...path, index]))
  if (!isMap(node)) return []
  return node.items.flatMap((pair) => scalarsOf(pair.value, [...path, keyOf(pair.key)]))
}

function keyOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : '?'
}

/** Where a path is written; for a path that is not there, the nearest thing above it. */
function rangeOf(document: Document.Parsed, path: Path, aim: Complaint['aim']): Range {
  const steps = stepsTo(document, path)
  const last = steps.at(-1)
  if (last === undefined) return [0, 1]
  const value = isScalar(last.value) && widthOf(last.value) > 0 ? last.value : null
  const whole = steps.length === path.length
  const target = whole && aim === 'value' && value !== null ? value : (last.key ?? last.value)
  const range = isNode(target) ? target.range : null
  return range === null || range === undefined ? [0, 1] : [range[0], range[1]]
}

const widthOf = (node: Node) => (node.range ? node.range[1] - node.range[0] : 0)

function nodeAt(document: Document.Parsed, path: Path): unknown {
  if (path.length === 0) return document.contents
  const steps = stepsTo(document, path)
  return steps.length === path.length ? steps.at(-1)?.value : undefined
}

interface Step {
  readonly key: Node | null
  readonly value: unknown
}

/** Follows a path as far as it is written, through aliases. */
function stepsTo(document: Document.Parsed, path: Path): Step[] {
  const steps: Step[] = []
  let current: unknown = document.contents
  for (const segment of path) {
    const step = stepInto(current, segment)
    if (step === undefined) break
    const value = isAlias(step.value) ? step.value.resolve(document) : step.value
    steps.push({ key: step.key, value })
    current = value
  }
  return steps
}

function stepInto(node: unknown, segment: string | number): Step | undefined {
  if (isSeq(node) && typeof segment === 'number') {
    return segment < node.items.length ? { key: null, value: node.items[segment] } : undefined
  }
  if (!isMap(node)) return undefined
  // A repeated key is a problem of its own; its last value is the one that counts.
  const pair = node.items.findLast((item) => keyOf(item.key) === String(segment))
  return pair && { key: isNode(pair.key) ? pair.key : null, value: pair.value }
}

function excerptOf(
  line: number,
  masked: { readonly text: string; readonly column: number },
  width: number,
): string {
  const gutter = `  ${line} | `
  // Tabs are kept below tabs, so that the caret stands right in any terminal.
  const indent = masked.text.slice(0, masked.column).replaceAll(/[^\t]/g, ' ')
  const margin = `${' '.repeat(gutter.length - 2)}| `
  return `${gutter}${masked.text}\n${margin}${indent}${'^'.repeat(width)}`
}

const isReference = (text: string) => /^["']?\$\{\w+\}["']?$/.test(text.trim())

const withoutCredentials = (text: string) => text.replaceAll(/\/\/[^/@\s]+@/g, `//${hidden}@`)

const shorten = (text: string) => (text.length > 80 ? `${text.slice(0, 77)}...` : text)
