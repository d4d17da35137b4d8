// The real binary as a child process, for end-to-end tests.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '..')
const binary = resolve(root, 'dist/src/cli/main.js')

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
  const child = spawn(process.execPath, [binary, ...args], {
    cwd: options.cwd ?? root,
    env: { ...process.env, EQUIPOISE_LOG_LEVEL: 'warn', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
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
        child.kill(signal)
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
  const program = runProgram(args, options)
  if (program.process.exitCode === null) await once(program.process, 'close')
  return { code: program.process.exitCode, output: program.output() }
}

/** Calls `look` until it returns something, or fails with what it was waiting for. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs / 1_000} s for ${what}`)
    await new Promise((wake) => setTimeout(wake, 250))
  }
}
