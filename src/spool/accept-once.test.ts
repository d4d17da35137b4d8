import { EventEmitter } from 'node:events'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Accept } from '../records/record-kind.ts'
import { createAcceptOnce } from './accept-once.ts'
import { exampleCall } from './examples.ts'
import { createKeyMemory } from './key-memory.ts'

type Append = (ids: readonly string[]) => Promise<void>

function onceOver(append: Append, memory = createKeyMemory()) {
  const accept: Accept = async (_kind, records) =>
    // The kind is always calls here, which the type of `Accept` cannot say.
    await append(records.map((record) => ('callId' in record ? record.callId : '')))
  const once = createAcceptOnce(accept, memory, () => 0)
  return async (ids: readonly string[]) =>
    await once.records(
      'calls',
      ids.map((callId) => exampleCall({ callId })),
      ({ callId }) => callId,
    )
}

test('whatever fails and comes again, each record is kept once and none is lost', async () => {
  const batches = fc.array(
    fc.record({ ids: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e')), fails: fc.boolean() }),
    { maxLength: 12 },
  )
  await fc.assert(
    fc.asyncProperty(batches, async (list) => {
      const kept: string[] = []
      const failures: boolean[] = []
      const send = onceOver(async (ids) => {
        const fails = failures.shift() ?? false
        await Promise.resolve()
        if (fails) throw new Error('full')
        kept.push(...ids)
      })
      failures.push(...list.map(({ fails }) => fails))
      // All at once, then each that failed again.
      const ends = await Promise.allSettled(list.map(({ ids }) => send(ids)))
      failures.length = 0
      for (const [index, end] of ends.entries()) {
        if (end.status === 'rejected') await send(list[index]?.ids ?? [])
      }
      expect(kept.toSorted()).toEqual([...new Set(list.flatMap(({ ids }) => ids))].toSorted())
    }),
  )
})

test('a retry waits for what is under way, and fails with it', async () => {
  const under = new EventEmitter()
  const send = onceOver(async () => {
    await EventEmitter.once(under, 'done')
  })
  const first = send(['a'])
  const retry = send(['a'])
  under.emit('error', new Error('full'))
  await expect(first).rejects.toThrow('full')
  await expect(retry).rejects.toThrow('full')
})

test('what the memory knows is not accepted, whoever put it there', async () => {
  const memory = createKeyMemory()
  const kept: string[] = []
  const append: Append = async (ids) => {
    kept.push(...ids)
    await Promise.resolve()
  }
  expect(await onceOver(append, memory)(['a', 'b', 'a'])).toBe(2)
  expect(await onceOver(append, memory)(['b', 'c'])).toBe(1)
  expect(kept).toEqual(['a', 'b', 'c'])
})

test('a batch is new or not as a whole, and its keys come with it', async () => {
  const once = createAcceptOnce(
    () => Promise.resolve(),
    createKeyMemory(),
    () => 0,
  )
  const seen: number[] = []
  const append = async (keys: Uint8Array) => {
    seen.push(keys.length)
    await Promise.resolve()
  }
  expect([await once.batch('x', append), await once.batch('x', append)]).toEqual([true, false])
  expect(seen).toEqual([8])
})
