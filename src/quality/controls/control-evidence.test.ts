import { expect, test } from 'vitest'
import { createRandom } from '../../stats/random.ts'
import { controlEvidence, type ControlDraw } from './control-evidence.ts'

function draws(seed: string, ...parts: readonly (readonly [count: number, rate: number])[]) {
  const random = createRandom(seed)
  const all = parts.flatMap(([count, rate]) =>
    Array.from({ length: count }, () => random.chance(rate)),
  )
  return all.map((isDeviation, index): ControlDraw => ({ atMs: index, isDeviation }))
}

const seeds = Array.from({ length: 40 }, (_, seed) => `seed ${seed}`)

test('a calm control is steady for long: at the allowed rate itself alarms are as rare as promised', () => {
  const alarms = seeds.filter((seed) => {
    return controlEvidence(draws(seed, [2_000, 0.02]), 0.02).greatest >= 10_000
  })
  // 80,000 draws and one alarm in 10,000 at most on average; Poisson(8) exceeds 16 with probability 0.004.
  expect(alarms.length).toBeLessThanOrEqual(16)
})

test('a control that starts to deviate is seen within some tens of draws, however long the calm before', () => {
  const delays = seeds.map((seed) => {
    const { state, movedAtMs } = controlEvidence(draws(seed, [3_000, 0.005], [200, 0.3]), 0.02)
    expect(state).toBe('moved')
    return (movedAtMs ?? Number.POSITIVE_INFINITY) - 3_000
  })
  const sorted = delays.toSorted((a, b) => a - b)
  expect(sorted[20]).toBeLessThan(60)
})

test('what is back is steady again', () => {
  const { state, movedAtMs } = controlEvidence(draws('back', [100, 0.3], [2_000, 0]), 0.02)
  expect([state, movedAtMs]).toEqual(['steady', null])
})

test('few draws say nothing, unless they say much', () => {
  expect(controlEvidence([], 0.02)).toMatchObject({ state: 'unknown', draws: 0, eValue: 1 })
  expect(controlEvidence(draws('few', [19, 0]), 0.02).state).toBe('unknown')
  expect(controlEvidence(draws('few', [20, 0]), 0.02).state).toBe('steady')
  expect(controlEvidence(draws('all', [8, 1]), 0.02).state).toBe('moved')
})
