import { EventEmitter } from 'node:events'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAcceptOnce } from './accept-once.ts'

const self = (id: string) => id

test('whatever fails and comes again, each id is kept once and none is lost', async () => {
  const batches = fc.array(
    fc.record({ ids: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e')), fails: fc.boolean() }),
    { maxLength: 12 },
  )
  await fc.assert(
    fc.asyncProperty(batches, async (list) => {
      const kept: string[] = []
      const once = createAcceptOnce(100)
      const send = async (ids: readonly string[], fails: boolean) =>
        await once.run(ids, self, async (fresh) => {
          await Promise.resolve()
          if (fails) throw new Error('full')
          kept.push(...fresh)
        })
      // All at once, then each that failed again.
      const ends = await Promise.allSettled(list.map(({ ids, fails }) => send(ids, fails)))
      for (const [index, end] of ends.entries()) {
        if (end.status === 'rejected') await send(list[index]?.ids ?? [], false)
      }
      expect(kept.toSorted()).toEqual([...new Set(list.flatMap(({ ids }) => ids))].toSorted())
    }),
  )
})

test('a retry waits for what is under way, and fails with it', async () => {
  const once = createAcceptOnce(100)
  const under = new EventEmitter()
  const first = once.run(['a'], self, async () => {
    await EventEmitter.once(under, 'done')
  })
  const retry = once.run(['a'], self, async () => await Promise.resolve())
  under.emit('error', new Error('full'))
  await expect(first).rejects.toThrow('full')
  await expect(retry).rejects.toThrow('full')
})

test('beyond its bound the oldest are forgotten', async () => {
  const once = createAcceptOnce(2)
  const send = async (id: string) => await once.run([id], self, async () => await Promise.resolve())
  for (const id of ['a', 'b', 'c']) expect(await send(id)).toBe(1)
  expect(await send('c')).toBe(0)
  expect(await send('a')).toBe(1)
})
