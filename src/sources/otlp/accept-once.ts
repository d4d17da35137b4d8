// A client that got no answer sends its batch again: what was accepted once is not accepted twice.

/** Remembers the newest ids that were accepted, in this process. */
export interface AcceptOnce {
  /**
   * Accepts the records whose id is new and resolves once all of them, also those that another request has
   * under way, are durable. When `accept` rejects, its ids are forgotten: the next try may have them.
   * @returns how many were new
   */
  run<Item>(
    records: readonly Item[],
    idOf: (record: Item) => string,
    accept: (fresh: readonly Item[]) => Promise<void>,
  ): Promise<number>
}

/** @param mostIds beyond which the oldest are forgotten; about 150 bytes each */
export function createAcceptOnce(mostIds: number): AcceptOnce {
  /** `null` = durable. */
  const known = new Map<string, Promise<void> | null>()
  return {
    async run(records, idOf, accept) {
      const underWay = new Set<Promise<void>>()
      const fresh = new Map<string, (typeof records)[number]>()
      for (const record of records) {
        const id = idOf(record)
        const other = known.get(id)
        if (other !== undefined && other !== null) underWay.add(other)
        if (other === undefined) fresh.set(id, record)
      }
      if (fresh.size > 0) underWay.add(remembered(known, fresh, accept))
      await Promise.all(underWay)
      while (known.size > mostIds) known.delete(known.keys().next().value ?? '')
      return fresh.size
    },
  }
}

function remembered<Item>(
  known: Map<string, Promise<void> | null>,
  fresh: ReadonlyMap<string, Item>,
  accept: (fresh: readonly Item[]) => Promise<void>,
): Promise<void> {
  const accepted = accept([...fresh.values()]).then(
    () => fresh.forEach((_, id) => known.set(id, null)),
    (error: unknown) => {
      fresh.forEach((_, id) => known.delete(id))
      throw error
    },
  )
  fresh.forEach((_, id) => known.set(id, accepted))
  return accepted
}
