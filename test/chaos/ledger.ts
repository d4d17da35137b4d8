// What clients were told is safe: the truth that the store is measured against.

export type RecordKind = 'calls' | 'scores' | 'labels' | 'events' | 'samples'

export const recordKinds: readonly RecordKind[] = ['calls', 'scores', 'labels', 'events', 'samples']

export interface Acknowledgement {
  readonly client: string
  readonly kind: RecordKind
  readonly keys: readonly string[]
  /** How often the batch was sent. */
  readonly tries: number
}

export interface Ledger {
  acknowledge(acknowledgement: Acknowledgement): void
  /** @param delivery the status that put the batch off; `null` = no answer */
  putOff(
    client: string,
    delivery: { readonly status: number | null; readonly afterMs: number },
  ): void
  /** Acknowledged keys of a kind, each with the batch that brought it. */
  keysOf(kind: RecordKind): ReadonlyMap<string, Acknowledgement>
  batchesOf(client: string): number
  /** Batches that were put off, by client and status, e.g. `scores 503`. */
  putOffs(): Readonly<Record<string, number>>
  /** Shortest wait that an answer with this status asked for; `null` = there was none. */
  shortestWaitMs(status: number): number | null
}

export function createLedger(): Ledger {
  const keys = new Map<RecordKind, Map<string, Acknowledgement>>(
    recordKinds.map((kind) => [kind, new Map()]),
  )
  const batches = new Map<string, number>()
  const putOffs = new Map<string, number>()
  const waits = new Map<number, number>()
  return {
    acknowledge(acknowledgement) {
      const { client, kind } = acknowledgement
      batches.set(client, (batches.get(client) ?? 0) + 1)
      for (const key of acknowledgement.keys) keys.get(kind)?.set(key, acknowledgement)
    },
    putOff(client, { status, afterMs }) {
      const name = `${client} ${status ?? 'no answer'}`
      putOffs.set(name, (putOffs.get(name) ?? 0) + 1)
      if (status !== null) waits.set(status, Math.min(afterMs, waits.get(status) ?? Infinity))
    },
    keysOf: (kind) => keys.get(kind) ?? new Map<string, Acknowledgement>(),
    batchesOf: (client) => batches.get(client) ?? 0,
    putOffs: () => Object.fromEntries(putOffs),
    shortestWaitMs: (status) => waits.get(status) ?? null,
  }
}
