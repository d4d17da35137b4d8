// The real binary as a child process, for end-to-end tests.
import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'

export const root = resolve(import.meta.dirname, '..')
const binary = resolve(root, 'dist/src/cli/main.js')

/** As the first line of the binary sets it, which is not read when Node is called by name. */
const programEnvironment = { EQUIPOISE_LOG_LEVEL: 'warn', UV_THREADPOOL_SIZE: '16' }

export interface RunningProgram {
  readonly process: ChildProcess
  /** First line of standard output that matches, waited for. */
  line(pattern: RegExp): Promise<RegExpExecArray>
  /** Everything printed so far, both streams. */
  output(): string
  /** Sends the signal and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts `equipoise ARGS`; the caller must `end` it. */
export function runProgram(
  args: readonly string[],
  options: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): RunningProgram {
  if (!existsSync(binary)) throw new Error('dist/ is missing: run "npm test" or "npm run build"')
  return watched(
    spawn(process.execPath, [binary, ...args], {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...programEnvironment, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  )
}

/** Starts a shell command as a person would type it, in a process group that ends together. */
export function startShell(command: string, cwd: string): RunningProgram {
  return watched(
    spawn('bash', ['-c', command], { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true }),
    (child, signal) => process.kill(-(child.pid ?? 0), signal),
  )
}

type PipedChild = ChildProcessByStdio<null, Readable, Readable>

function watched(
  child: PipedChild,
  kill: (child: PipedChild, signal: NodeJS.Signals) => void = (one, signal) => one.kill(signal),
): RunningProgram {
  let text = ''
  const waiting = new Set<() => void>()
  const wake = () => waiting.forEach((look) => look())
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      wake()
    })
  }
  const exited = once(child, 'exit')
  void exited.then(wake)

  return {
    process: child,
    output: () => text,
    line: (pattern) =>
      new Promise((found, failed) => {
        const look = () => {
          const match = pattern.exec(text)
          if (match !== null) found(match)
          else if (child.exitCode === null && child.signalCode === null) return
          else failed(new Error(`the program ended without ${String(pattern)}; it said:\n${text}`))
          waiting.delete(look)
        }
        waiting.add(look)
        look()
      }),
    end: async (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) {
        kill(child, signal)
        await exited
      }
      return child.exitCode
    },
  }
}

/** Runs `equipoise ARGS` to its end. */
export async function runToEnd(
  args: readonly string[],
  options: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<{ code: number | null; output: string }> {
  return await ended(runProgram(args, options))
}

/** Runs a shell command to its end. */
export async function runShell(
  command: string,
  cwd: string,
): Promise<{ code: number | null; output: string }> {
  return await ended(startShell(command, cwd))
}

async function ended(program: RunningProgram): Promise<{ code: number | null; output: string }> {
  if (program.process.exitCode === null) await once(program.process, 'close')
  return { code: program.process.exitCode, output: program.output() }
}

/** Calls `look` until it returns something, or fails with what it was waiting for. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined>,
  timeoutMs = 120_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs / 1_000} s for ${what}`)
    await new Promise((wake) => setTimeout(wake, 250))
  }
}
