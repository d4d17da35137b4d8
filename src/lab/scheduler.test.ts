import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createKvCache } from './kv-cache.ts'
import { createScheduler, lengthOf, type Scheduler, type Sequence } from './scheduler.ts'

function sequence(promptTokens: number, outputTokens: number): Sequence {
  return {
    input: {
      promptTokens,
      outputTokens,
      maxTokens: outputTokens,
      prefixKeys: [],
      finishReason: 'length',
      onToken: () => {},
      onFinish: () => {},
    },
    arrivedMs: 0,
    lease: null,
    computed: 0,
    emitted: 0,
    cachedTokens: 0,
    scheduledMs: null,
    firstTokenMs: null,
    lastTokenMs: 0,
  }
}

/** Carries a planned step out; returns its size. */
function run(scheduler: Scheduler) {
  const step = scheduler.plan()
  if (step === null) return null
  const ended: Sequence[] = []
  const emit = (one: Sequence) => {
    one.emitted += 1
    if (one.emitted >= one.input.outputTokens) ended.push(one)
  }
  for (const one of step.decoding) {
    one.computed += 1
    emit(one)
  }
  for (const { sequence: one, tokens } of step.prefilling) {
    one.computed += tokens
    if (one.computed >= lengthOf(one)) emit(one)
  }
  for (const one of ended) scheduler.remove(one)
  return step
}

test('a long prompt is computed in chunks beside the decoders', () => {
  const scheduler = createScheduler(
    { maxSequences: 8, prefillChunkTokens: 100 },
    createKvCache(16_000, 16),
  )
  const short = sequence(10, 5)
  scheduler.add(short)
  expect(run(scheduler)?.prefillTokens).toBe(10)
  scheduler.add(sequence(250, 1))
  expect(run(scheduler)).toMatchObject({ prefillTokens: 100, decoding: [short] })
  expect(run(scheduler)?.prefillTokens).toBe(100)
  expect(run(scheduler)?.prefillTokens).toBe(50)
  expect(scheduler.running()).toBe(1)
})

test('no more sequences run than allowed', () => {
  const scheduler = createScheduler(
    { maxSequences: 2, prefillChunkTokens: 100 },
    createKvCache(16_000, 16),
  )
  for (let index = 0; index < 5; index += 1) scheduler.add(sequence(4, 3))
  run(scheduler)
  expect([scheduler.running(), scheduler.waiting()]).toEqual([2, 3])
})

test('a full cache preempts the youngest, which is recomputed and loses no token', () => {
  // 6 blocks: two prompts of two blocks fit, but not what they want to generate.
  const scheduler = createScheduler(
    { maxSequences: 8, prefillChunkTokens: 100 },
    createKvCache(96, 16),
  )
  const [old, young] = [sequence(30, 60), sequence(30, 60)]
  scheduler.add(old)
  scheduler.add(young)
  let preempted = 0
  for (let step = run(scheduler); step !== null; step = run(scheduler)) preempted += step.preempted
  expect(preempted).toBeGreaterThan(0)
  expect([old.emitted, young.emitted]).toEqual([60, 60])
})

test('whatever fits alone ends with exactly its tokens, and the cache is empty again', () => {
  const size = fc.record({
    prompt: fc.integer({ min: 0, max: 90 }),
    output: fc.integer({ min: 1, max: 70 }),
  })
  fc.assert(
    fc.property(fc.array(size, { minLength: 1, maxLength: 12 }), (sizes) => {
      const cache = createKvCache(160, 16)
      const scheduler = createScheduler({ maxSequences: 4, prefillChunkTokens: 32 }, cache)
      const all = sizes.map(({ prompt, output }) => sequence(prompt, output))
      for (const one of all) scheduler.add(one)
      let steps = 0
      while (run(scheduler) !== null && steps < 20_000) steps += 1
      expect(all.map((one) => one.emitted)).toEqual(sizes.map(({ output }) => output))
      expect(cache.usedBlocks()).toBe(0)
    }),
  )
})
