// Ad hoc SQL from people: reads tables, and can reach no file, no network and no setting.
import { messageOf, UserError } from '../records/failure.ts'
import { maxReadOnlyRows, type Engine, type ResultTable } from './engine.ts'
import { engineErrorCode } from './store-fault.ts'

export interface ReadOnlyResult extends ResultTable {
  /** More rows existed than the limit let through. */
  readonly truncated: boolean
}

/**
 * Runs one statement of a person. Three walls: the engine's own parser prints it as one canonical statement,
 * its syntax tree names no function that leaves the store, and it runs in a session with `readonly = 1`,
 * which refuses writes, settings and most table functions, but neither scalar `file()` nor `INTO OUTFILE`.
 */
export async function queryReadOnly(engine: Engine, sql: string): Promise<ReadOnlyResult> {
  try {
    const statement = await canonical(engine, sql)
    if (!plainInspection.test(statement)) {
      refuseReach(await syntaxTree(engine, statement))
    }
    const { columns, rows } = await engine.selectReadOnly(statement)
    return {
      columns,
      rows: rows.slice(0, maxReadOnlyRows),
      truncated: rows.length > maxReadOnlyRows,
    }
  } catch (error) {
    throw engineErrorCode(error) === undefined ? error : refusal(reasonOf(error), error)
  }
}

/** Statements that take no expression, only names. */
const plainInspection =
  /^(?:SHOW (?:TABLES|DATABASES)|SHOW CREATE TABLE [\w.]+|(?:DESCRIBE|EXISTS) TABLE [\w.]+)$/

/** The statement as the engine understood it: one, without comments, every literal in one form. */
async function canonical(engine: Engine, sql: string): Promise<string> {
  const { rows } = await engine.select('SELECT formatQuery({sql:String})', { sql })
  return String(rows[0]?.[0])
}

/**
 * The parser's tree; nothing is executed. In brackets a statement can have neither `INTO OUTFILE` nor
 * `FORMAT`, and must be a SELECT or EXPLAIN; a canonical one cannot close them early.
 */
async function syntaxTree(engine: Engine, statement: string): Promise<readonly string[]> {
  const { rows } = await engine.select(
    `SELECT * FROM (EXPLAIN AST SELECT * FROM (\n${statement}\n))`,
    {},
  )
  return rows.map(([line]) => String(line))
}

function refuseReach(tree: readonly string[]): void {
  const parents: string[] = []
  for (const line of tree) {
    const depth = line.length - line.trimStart().length
    const [node = '', name = ''] = line.trim().split(' ')
    parents[depth] = node
    if (node !== 'Function') continue
    const isTable = parents[depth - 1] === 'TableExpression'
    const key = name.toLowerCase()
    if (isTable ? !tableFunctions.has(key) : outreachingFunctions.has(key)) {
      throw refusal(`the function ${name} is not allowed here`)
    }
  }
}

/** The engine's words without our own wrapping of the statement. */
function reasonOf(error: unknown): string {
  return messageOf(error)
    .replace(/: In scope SELECT formatQuery[^]*$/, '')
    .replace(/[.\s]+$/, '')
}

function refusal(reason: string, cause?: unknown): UserError {
  return new UserError(
    `The query was refused: ${reason}. Expected one SELECT over the store's tables, without FORMAT, INTO OUTFILE and SETTINGS.`,
    { code: 'query_refused', cause },
  )
}

/** Table functions that make their rows from their arguments; all others are refused. */
const tableFunctions: ReadonlySet<string> = new Set([
  'generate_series',
  'generateseries',
  'numbers',
  'numbers_mt',
  'sqlstandardvalues',
  'values',
  'view',
  'viewexplain',
  'zeros',
  'zeros_mt',
])

/** Scalar functions that read files, call servers or models. */
const outreachingFunctions: ReadonlySet<string> = new Set([
  'aiclassify',
  'aiembed',
  'aiextract',
  'aigenerate',
  'aitranslate',
  'catboostevaluate',
  'file',
  'hascolumnintable',
])
