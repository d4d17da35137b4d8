import { expect, test } from 'vitest'
import { Slots } from './slots.ts'

const never = new AbortController().signal

test('no more than its size hold at once, the rest in order of arrival', async () => {
  const slots = new Slots(2)
  const order: number[] = []
  const first = await slots.take(never)
  const second = await slots.take(never)
  const third = slots.take(never).then((release) => (order.push(3), release))
  const fourth = slots.take(never).then((release) => (order.push(4), release))
  expect([slots.held, slots.waiting]).toEqual([2, 2])
  first()
  first()
  const releaseThird = await third
  expect([slots.held, slots.waiting, order]).toEqual([2, 1, [3]])
  second()
  const releaseFourth = await fourth
  releaseThird()
  releaseFourth()
  expect([slots.held, slots.waiting, order]).toEqual([0, 0, [3, 4]])
})

test('one who gives up waiting leaves the line', async () => {
  const slots = new Slots(1)
  const release = await slots.take(never)
  const impatient = new AbortController()
  const waiting = slots.take(impatient.signal)
  impatient.abort(new Error('stopped'))
  await expect(waiting).rejects.toThrow('stopped')
  expect(slots.waiting).toBe(0)
  release()
  expect(slots.held).toBe(0)
  await expect(slots.take(impatient.signal)).rejects.toThrow('stopped')
})
