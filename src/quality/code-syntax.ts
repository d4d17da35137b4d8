// Whether a piece of code parses, asked of the parser that would run it. Nothing is executed.
import * as nodeModule from 'node:module'
import { Script } from 'node:vm'
import { messageOf } from '../records/failure.ts'
import { runBounded, type ProcessEnd } from './bounded-process.ts'
import type { CodeBlock } from './text/code-blocks.ts'

export type Syntax =
  | { readonly kind: 'valid' }
  | { readonly kind: 'invalid'; readonly fault: string }
  /** Nothing here can parse this language. */
  | { readonly kind: 'unknown'; readonly why: string }

export interface Parsers {
  /** Command of the Python interpreter. */
  readonly python: string
}

/** Parses one block. JSON, scripts and TypeScript in the process; modules and Python in a child of up to 20 s. */
export async function syntaxOf(
  { language, code }: CodeBlock,
  parsers: Parsers,
  signal: AbortSignal,
): Promise<Syntax> {
  switch (language) {
    case 'json':
      return attempt(() => JSON.parse(code))
    case 'javascript':
      return javascriptSyntax(code, signal)
    case 'typescript':
      return typescriptSyntax(code)
    default:
      return pythonSyntax(code, parsers.python, signal)
  }
}

const valid: Syntax = { kind: 'valid' }

function attempt(parse: () => unknown): Syntax {
  try {
    parse()
    return valid
  } catch (error) {
    return { kind: 'invalid', fault: messageOf(error).split('\n')[0]?.slice(0, 160) ?? 'invalid' }
  }
}

/** What only modules may hold, at the start of a line. */
const moduleSyntax = /^[ \t]*(?:import\b(?![ \t]*\()|export\b)|\bawait\b|\bimport\.meta\b/m

async function javascriptSyntax(code: string, signal: AbortSignal): Promise<Syntax> {
  const script = attempt(() => new Script(code))
  if (script.kind === 'valid' || !moduleSyntax.test(code)) return script
  const end = await runBounded(
    {
      command: process.execPath,
      args: ['--check', 'code.mjs'],
      files: { 'code.mjs': code },
      ...bounds,
    },
    signal,
  )
  return ofProcess(end, /^\w*Error: .*/m)
}

/** Node strips types, and so parses TypeScript, since 22.13. */
function typescriptSyntax(code: string): Syntax {
  const strip = 'stripTypeScriptTypes' in nodeModule ? nodeModule.stripTypeScriptTypes : undefined
  if (typeof strip !== 'function') {
    const why = `Node ${process.versions.node} cannot parse TypeScript; Node 22.13 or later can`
    return { kind: 'unknown', why }
  }
  return attempt(() => strip(code, { mode: 'transform' }))
}

const bounds = { timeoutMs: 20_000, memoryMiB: null }
const pythonProgram = 'import ast, sys; ast.parse(open("code.py", encoding="utf-8").read())'

async function pythonSyntax(code: string, command: string, signal: AbortSignal): Promise<Syntax> {
  // -I: no site packages, no environment, so that nothing but the parser is loaded.
  const args = ['-I', '-c', pythonProgram]
  const files = { 'code.py': code }
  const end = await runBounded({ command, args, files, ...bounds }, signal)
  if (end.kind === 'absent') return { kind: 'unknown', why: `there is no ${command} here` }
  return ofProcess(end, /^(?:\w*Error|ValueError): .*/m)
}

function ofProcess(end: ProcessEnd, fault: RegExp): Syntax {
  if (end.kind === 'exit' && end.code === 0) return valid
  if (end.kind === 'absent') return { kind: 'unknown', why: 'the parser is not there' }
  const found = fault.exec(end.stderr)?.[0].slice(0, 160)
  if (found !== undefined) return { kind: 'invalid', fault: found }
  // A parser that broke says nothing of the code.
  const why = end.kind === 'killed' ? end.reason : `it ended with ${end.code} and no error`
  return { kind: 'unknown', why: `the parser gave no verdict: ${why}` }
}
