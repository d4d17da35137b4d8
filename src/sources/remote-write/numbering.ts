import { createRecent } from '../import/recent.ts'

/** Gives each string a number of its own, the same in every request. */
export type NumberOf = (text: string) => number

/** Numbers strings; those that were not met for long get another number, which only costs a look at their labels. */
export function createNumbering(): NumberOf {
  const numbers = createRecent<number>(400_000, 64 * 1_024 * 1_024)
  let last = 0
  return (text) => {
    const known = numbers.get(text)
    if (known !== undefined) return known
    last += 1
    numbers.set(text, last)
    return last
  }
}
