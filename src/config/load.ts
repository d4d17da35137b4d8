// Reads the configuration file: YAML, variables, schema, then what no single field can tell. All faults at once.
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { messageOf, UserError } from '../records/failure.ts'
import { adapterComplaints, type AdapterSchemas } from './adapter-checks.ts'
import { anchorPaths } from './anchor-paths.ts'
import { ConfigError, type ConfigProblem } from './config-problem.ts'
import { hiding, plainValue, problemAtPath, readSource, startsWith } from './config-source.ts'
import { crossComplaints } from './cross-checks.ts'
import type { Environment } from './interpolate.ts'
import { type Config, configSchema } from './schema.ts'
import { schemaComplaints } from './schema-complaints.ts'
import { fillVariables } from './variables.ts'
import { syntaxProblems } from './yaml-problems.ts'

export interface LoadedConfig {
  /** Checked, with defaults filled in and `dataDirectory` absolute. */
  readonly config: Config
  /** The configuration as written with variables filled in: `configSchema` makes `config` of it in any process. */
  readonly source: Readonly<Record<string, unknown>>
  /** Absolute path of the file. */
  readonly file: string
  /** Environment variables that the file refers to. */
  readonly variables: readonly string[]
}

/**
 * Reads and checks a configuration file; throws a `UserError` that lists every problem.
 * @param adapters the evaluators and notifiers there are, so that their settings are checked too
 */
export function loadConfig(
  path: string,
  env: Environment,
  adapters: AdapterSchemas = {},
): LoadedConfig {
  return parseConfig(readText(path), path, env, adapters)
}

/** Checks configuration text as `loadConfig` does; `fileName` names it in messages and anchors relative paths. */
export function parseConfig(
  text: string,
  fileName: string,
  env: Environment,
  adapters: AdapterSchemas = {},
): LoadedConfig {
  const source = readSource(fileName, text.replace(/^\uFEFF/, ''))
  const syntax = syntaxProblems(source)
  if (syntax.some(({ broken }) => broken)) fail(syntax.map(({ problem }) => problem))

  const filled = fillVariables(source, env, configSchema)
  const raw = plainValue(source)
  const complaints = [
    ...schemaComplaints(configSchema, raw),
    ...crossComplaints(raw, (kind) => adapters.evaluators?.get(kind)?.dimension),
    ...adapterComplaints(raw, adapters),
  ].filter(({ path }) => !filled.faulty.some((faulty) => startsWith(path, faulty)))
  const strangers = complaints.filter(({ unknown }) => unknown === true).map(({ path }) => path)
  const shown = hiding(source, strangers)
  const problems = [
    ...syntax.map(({ problem }) => problem),
    ...filled.problems,
    ...complaints.map((complaint) => problemAtPath(shown, complaint)),
  ]
  if (problems.length > 0) fail(problems)
  return anchored(raw, resolve(fileName), filled.variables)
}

/** Checks a configuration that the program made itself, with the same rules; relative paths are the working directory's. */
export function loadConfigObject(object: unknown): LoadedConfig {
  // JSON is YAML, so problems get lines here too; nothing in it is a variable.
  const text = JSON.stringify(object, null, 2).replaceAll('${', () => '$${')
  return parseConfig(text, 'generated.yaml', {})
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UserError(
      `cannot read configuration file "${path}": ${messageOf(error)}; write a starter with "equipoise init"`,
      { code: 'bad_config', cause: error },
    )
  }
}

function fail(problems: readonly ConfigProblem[]): never {
  throw new ConfigError(problems.toSorted((a, b) => a.line - b.line || a.column - b.column))
}

function anchored(raw: unknown, file: string, variables: readonly string[]): LoadedConfig {
  const config = anchorPaths(configSchema.parse(raw), dirname(file))
  const source = { ...Object(raw), dataDirectory: config.dataDirectory }
  return { config, source, file, variables }
}
