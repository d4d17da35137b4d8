/** Things lent to one borrower at a time, in the order in which borrowers came. */
export interface LendingPool<Item> {
  use<Result>(work: (item: Item) => Promise<Result>): Promise<Result>
}

/** A pool of `items`. @param takeTurn wraps each use, e.g. to bound several pools together */
export function createLendingPool<Item>(
  items: readonly Item[],
  takeTurn: TakeTurn = (work) => work(),
): LendingPool<Item> {
  const idle = [...items]
  const waiting: ((item: Item) => void)[] = []

  const borrow = async (): Promise<Item> => {
    const item = idle.pop()
    return item ?? new Promise<Item>((resolve) => waiting.push(resolve))
  }

  const giveBack = (item: Item): void => {
    const next = waiting.shift()
    if (next === undefined) idle.push(item)
    else next(item)
  }

  return {
    async use(work) {
      const item = await borrow()
      try {
        return await takeTurn(() => work(item))
      } finally {
        giveBack(item)
      }
    },
  }
}

export type TakeTurn = <Result>(work: () => Promise<Result>) => Promise<Result>

/** At most `limit` pieces of work at a time; the rest waits its turn. */
export function createTurns(limit: number): TakeTurn {
  const turns = createLendingPool(Array.from({ length: limit }, (_, turn) => turn))
  return (work) => turns.use(work)
}
