// A child process that cannot stay: bounded in wall time, processor time, memory and output, with an empty environment.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ProcessBounds {
  /** Milliseconds until it and its children are killed. */
  readonly timeoutMs: number
  /** Address space in MiB; `null` = unbounded, for programs that reserve much more than they use. */
  readonly memoryMiB: number | null
}

export interface ProcessOrder extends ProcessBounds {
  readonly command: string
  readonly args: readonly string[]
  /** Files that lie in its folder, by name. The folder is its working directory and is removed afterwards. */
  readonly files: Readonly<Record<string, string>>
}

export type ProcessEnd =
  | {
      readonly kind: 'exit'
      readonly code: number
      readonly stdout: string
      readonly stderr: string
    }
  | {
      readonly kind: 'killed'
      readonly reason: string
      readonly stdout: string
      readonly stderr: string
    }
  /** There is no such program here. */
  | { readonly kind: 'absent' }

/** Output that is kept; more is read and thrown away, so that the child does not block on it. */
const longestOutput = 65_536

/**
 * Runs a program to its end. It sees none of our environment, but it has our user's rights: files and network are
 * within its reach. Rejects only when `signal` aborts.
 */
export async function runBounded(order: ProcessOrder, signal: AbortSignal): Promise<ProcessEnd> {
  signal.throwIfAborted()
  const folder = await mkdtemp(join(tmpdir(), 'equipoise-code-'))
  try {
    for (const [name, text] of Object.entries(order.files))
      await writeFile(join(folder, name), text)
    const end = await run(order, folder, signal)
    signal.throwIfAborted()
    return end
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function run(order: ProcessOrder, folder: string, signal: AbortSignal): Promise<ProcessEnd> {
  const seconds = Math.ceil(order.timeoutMs / 1_000)
  const memory = order.memoryMiB === null ? '' : `ulimit -v ${order.memoryMiB * 1_024}; `
  // The shell sets the bounds on itself and then becomes the program.
  const script = `${memory}ulimit -t ${seconds}; ulimit -c 0; exec "$0" "$@"`
  const child = spawn('/bin/sh', ['-c', script, order.command, ...order.args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: folder, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that its children can be killed with it.
    detached: true,
  })
  const stdout = collect(child.stdout)
  const stderr = collect(child.stderr)
  let late = false
  const kill = () => {
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It ended by itself meanwhile.
    }
  }
  const timer = setTimeout(() => {
    late = true
    kill()
  }, order.timeoutMs)
  signal.addEventListener('abort', kill, { once: true })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, killer) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', kill)
      const output = { stdout: stdout(), stderr: stderr() }
      if (code === 127 && /not found|No such file/i.test(output.stderr)) resolve({ kind: 'absent' })
      else if (code === null) {
        const reason = late
          ? `it ran over ${order.timeoutMs / 1_000} s`
          : `it was ended by ${killer}`
        resolve({ kind: 'killed', reason, ...output })
      } else resolve({ kind: 'exit', code, ...output })
    })
    // A child that left a grandchild behind would keep the pipes open.
    child.on('exit', kill)
  })
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    if (size < longestOutput) chunks.push(chunk)
    size += chunk.length
  })
  return () => Buffer.concat(chunks).subarray(0, longestOutput).toString('utf8')
}
