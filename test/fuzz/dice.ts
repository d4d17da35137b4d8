// Chance that can be repeated: the same seed throws the same numbers.

export interface Dice {
  /** A whole number from 0 to `sides` - 1. */
  (sides: number): number
}

/** Mulberry32. @param seed 32 bits */
export function createDice(seed: number): Dice {
  let state = seed | 0
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % Math.max(1, sides)
  }
}

/** Dice of one case alone, so that it can be run again without those before it. */
export function diceOfCase(seed: number, index: number): Dice {
  return createDice(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35))
}

/** One of them. */
export function pick<Item>(dice: Dice, items: readonly [Item, ...Item[]] | readonly Item[]): Item {
  const item = items[dice(items.length)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

/** True once in so many throws. */
export function isRare(dice: Dice, sides: number): boolean {
  return dice(sides) === 0
}
