// The thread in which an evaluator of the user's runs: one answer at a time, bounded in time and heap.
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { Slots } from './slots.ts'

export interface SandboxOptions {
  readonly path: string
  /** First hex digits of the SHA-256 of the file that the version names. */
  readonly hash: string
  readonly options: Readonly<Record<string, unknown>>
  /** Longest call in milliseconds. */
  readonly timeoutMs: number
  readonly memoryMiB: number
}

export interface Sandbox {
  /** What the function returned, whatever that is. Throws when it threw, took too long or ended its thread. */
  call(subject: unknown, signal: AbortSignal): Promise<unknown>
  close(): Promise<void>
}

/** A thread without work for this long is ended; the next call starts it anew. */
const idleMs = 60_000

/** Opens a sandbox. Its thread starts with the first call. */
export function openSandbox(options: SandboxOptions): Sandbox {
  const turn = new Slots(1)
  let worker: Worker | null = null
  let idle: NodeJS.Timeout | undefined

  async function end(): Promise<void> {
    clearTimeout(idle)
    const running = worker
    worker = null
    await running?.terminate()
  }

  async function call(subject: unknown, signal: AbortSignal): Promise<unknown> {
    const giveBack = await turn.take(signal)
    clearTimeout(idle)
    worker ??= startWorker(options)
    worker.ref()
    try {
      const reply = await ask(worker, { subject, timeoutMs: options.timeoutMs, signal })
      worker.unref()
      idle = setTimeout(() => void end(), idleMs).unref()
      if ('fault' in reply) throw new FunctionError(`${options.path}: ${reply.fault}`)
      return reply.value
    } catch (error) {
      // Its state is unknown: the next answer gets a new thread.
      if (!(error instanceof FunctionError)) await end()
      throw error
    } finally {
      giveBack()
    }
  }

  return { call, close: end }
}

/** The function threw, which says nothing against its thread. */
class FunctionError extends Error {
  override readonly name = 'FunctionError'
}

const replySchema = z.union([
  z.object({ fault: z.string() }),
  z
    .object({ json: z.string() })
    .transform(({ json }): { readonly value: unknown } => ({ value: JSON.parse(json) })),
])
type Reply = z.infer<typeof replySchema>

interface Question {
  readonly subject: unknown
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** One call; rejects when the thread ends, is late or `signal` aborts. */
async function ask(worker: Worker, { subject, timeoutMs, signal }: Question): Promise<Reply> {
  const listening = new AbortController()
  const answer = new Promise<Reply>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`it took over ${timeoutMs / 1_000} s`)),
      timeoutMs,
    )
    const answered = (message: unknown) => resolve(replySchema.parse(message))
    const ended = () => reject(new Error('it ended its thread'))
    const stopped = () => reject(new Error('the program stops'))
    worker.on('message', answered).on('error', reject).on('exit', ended)
    signal.addEventListener('abort', stopped, { once: true, signal: listening.signal })
    listening.signal.addEventListener('abort', () => {
      clearTimeout(timer)
      worker.off('message', answered).off('error', reject).off('exit', ended)
    })
  })
  try {
    worker.postMessage(subject, [])
    return await answer
  } finally {
    listening.abort()
  }
}

// Source text, so that it runs the same from TypeScript and from the built program. The reply crosses as JSON: what
// cannot be written as JSON is no verdict.
const workerSource = `
const { parentPort, workerData } = require('node:worker_threads')
const { createHash } = require('node:crypto')
const { readFileSync } = require('node:fs')
const load = async () => {
  const hash = createHash('sha256').update(readFileSync(workerData.path)).digest('hex')
  if (!hash.startsWith(workerData.hash)) {
    throw new Error('the file changed since the configuration was read; load the configuration again')
  }
  const { url, loader } = workerData
  const module = loader === null ? await import(url) : await (await import(loader)).tsImport(url, url)
  const run = module.evaluate ?? module.default?.evaluate ?? module.default
  if (typeof run !== 'function') throw new Error('it exports no function evaluate')
  return run
}
const loaded = load()
loaded.catch(() => undefined)
parentPort.on('message', async (subject) => {
  try {
    const value = await (await loaded)(subject, workerData.options)
    parentPort.postMessage({ json: JSON.stringify(value) ?? 'null' })
  } catch (error) {
    parentPort.postMessage({ fault: error instanceof Error ? error.message : String(error) })
  }
})
`

function startWorker({ path, hash, options, memoryMiB }: SandboxOptions): Worker {
  const worker = new Worker(workerSource, {
    eval: true,
    workerData: { path, hash, options, url: pathToFileURL(path).href, loader: loaderOf(path) },
    resourceLimits: { maxOldGenerationSizeMb: memoryMiB },
    stdout: true,
  })
  // A thread that is being ended may still run out of memory, and an error that nobody hears would end the program.
  worker.on('error', () => undefined)
  // Standard output is our log; what the user's function prints goes beside it.
  worker.stdout.on('data', (chunk) => process.stderr.write(chunk))
  return worker
}

/** URL of the module that reads the file's language; `null` where Node does. */
function loaderOf(path: string): string | null {
  // Node says so here since it strips types by itself.
  if (!/\.m?ts$/.test(extname(path)) || 'typescript' in process.features) return null
  try {
    return import.meta.resolve('tsx/esm/api')
  } catch (error) {
    const node = process.versions.node
    throw new Error(
      `${path} is TypeScript, which Node ${node} does not read: use Node 22.18 or later, install the package tsx beside the program, or write JavaScript`,
      { cause: error },
    )
  }
}
