import { expect, test } from 'vitest'
import { createRecent } from './recent.ts'

const fill = (recent: ReturnType<typeof createRecent<number>>, from: number, to: number) => {
  for (let n = from; n < to; n += 1) recent.set(`k${n}`, n)
}

const held = (recent: ReturnType<typeof createRecent<number>>, to: number) =>
  Array.from({ length: to }, (_, n) => n).filter((n) => recent.get(`k${n}`) !== undefined)

test('the newest are there, the oldest are gone', () => {
  const recent = createRecent<number>(10)
  fill(recent, 0, 103)
  const found = held(recent, 103)
  expect(found.length).toBeGreaterThanOrEqual(5)
  expect(found.length).toBeLessThanOrEqual(10)
  expect(found.at(-1)).toBe(102)
})

test('what is read stays', () => {
  const recent = createRecent<number>(10)
  recent.set('mine', 1)
  for (let n = 0; n < 100; n += 1) {
    recent.set(`k${n}`, n)
    expect(recent.get('mine')).toBe(1)
  }
})

test('few are remembered where each is large, and what is deleted is gone', () => {
  const recent = createRecent<number>(1_000, 100)
  for (let n = 0; n < 20; n += 1) recent.set(`k${n}`, n, 30)
  expect(held(recent, 20).length).toBeLessThanOrEqual(4)
  recent.delete('k19')
  expect(recent.get('k19')).toBeUndefined()
})
