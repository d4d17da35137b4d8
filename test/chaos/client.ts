// A client as the doors meet it: it keeps a batch until the answer says that it is safe, and only then makes the next.
import { setTimeout as wait } from 'node:timers/promises'
import type { Ledger, RecordKind } from './ledger.ts'

/** What a client sends at once. Sent again, it is the same bytes. */
export interface Batch {
  readonly kind: RecordKind
  /** What each record is known by in the store. */
  readonly keys: readonly string[]
  /** Sends it once; rejects with a `Refused` when it would be refused for ever. */
  send(url: string): Promise<Delivery>
}

export type Delivery =
  | { readonly kind: 'acknowledged' }
  /** No answer, or one that asks to send again. */
  | { readonly kind: 'again'; readonly status: number | null; readonly afterMs: number }

/** Makes the n-th batch of a client; never two equal ones. */
export type MakeBatch = (n: number) => Batch

/** A door said that the batch itself is wrong: the client, or the door, has a defect. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

export interface RunningClient {
  /** Makes no new batch and resolves when the last one is acknowledged. */
  finish(): Promise<void>
}

export interface ClientOptions {
  readonly name: string
  readonly url: string
  readonly ledger: Ledger
  readonly make: MakeBatch
  /** Rest after each acknowledgement. */
  readonly pauseMs: number
  /** Aborted, a client gives up what it has not delivered. */
  readonly signal: AbortSignal
  /** Told when a batch leaves and when it is acknowledged. */
  readonly onMoment: (moment: 'sent' | 'acknowledged') => void
}

/** Sends batch after batch until told to finish. */
export function startClient(options: ClientOptions): RunningClient {
  const state = { isFinishing: false }
  const run = async () => {
    for (let n = 0; !state.isFinishing && !options.signal.aborted; n += 1) {
      await deliver(options.make(n), options)
      await wait(options.pauseMs)
    }
  }
  const finished = run()
  // Whoever finishes hears of it; until then the others go on.
  finished.catch(() => undefined)
  return {
    finish: () => {
      state.isFinishing = true
      return finished
    },
  }
}

async function deliver(
  batch: Batch,
  { name, url, ledger, signal, onMoment }: Omit<ClientOptions, 'make' | 'pauseMs'>,
): Promise<void> {
  for (let tries = 1; !signal.aborted; tries += 1) {
    const answered = batch.send(url)
    onMoment('sent')
    const delivery = await answered
    if (delivery.kind === 'acknowledged') {
      ledger.acknowledge({ ...batch, client: name, tries })
      onMoment('acknowledged')
      return
    }
    ledger.putOff(name, delivery)
    await wait(delivery.afterMs)
  }
}

/** Posts once and reads the answer as a careful client does: 2xx is safe, 429 and 5xx come again, others never. */
export async function post(
  url: string,
  body: Uint8Array<ArrayBuffer> | string,
  headers: Readonly<Record<string, string>>,
): Promise<Delivery> {
  try {
    const signal = AbortSignal.timeout(answerTimeoutMs)
    const answer = await fetch(url, { method: 'POST', body, headers, signal })
    const text = await answer.text()
    if (answer.ok) return { kind: 'acknowledged' }
    const { status } = answer
    if (status < 500 && status !== 429) throw new Refused(`${url} answered ${status}: ${text}`)
    const seconds = Number(answer.headers.get('retry-after'))
    return { kind: 'again', status, afterMs: seconds > 0 ? seconds * 1_000 : noAnswerRestMs }
  } catch (error) {
    if (error instanceof Refused) throw error
    return { kind: 'again', status: null, afterMs: noAnswerRestMs }
  }
}

export const noAnswerRestMs = 50
const answerTimeoutMs = 30_000
