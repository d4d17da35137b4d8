import { expect, test } from 'vitest'
import type { JudgedQuery } from '../../store/queries/judged-answers.ts'
import { type ModelCalibration, sharedCalibration } from './board-calibration.ts'

const query: JudgedQuery = {
  project: 'p',
  fromMs: 0,
  toMs: 900_000,
  models: [],
  dimensions: [],
  passMarks: {},
  questions: {},
}

function counted(answer: () => Promise<readonly ModelCalibration[]>) {
  let nowMs = 0
  let loads = 0
  const shared = sharedCalibration(
    () => {
      loads += 1
      return answer()
    },
    () => nowMs,
  )
  return { shared, loads: () => loads, wait: (ms: number) => (nowMs += ms) }
}

test('windows that moved by less than half a minute share one answer', async () => {
  const { shared, loads, wait } = counted(() => Promise.resolve([]))
  await shared(query)
  wait(10_000)
  await shared({ ...query, fromMs: 10_000, toMs: 910_000 })
  expect(loads()).toBe(1)
  await shared({ ...query, fromMs: 30_000, toMs: 930_000 })
  await shared({ ...query, models: ['a'] })
  expect(loads()).toBe(3)
})

test('a window that stands still is read again, since labels come later', async () => {
  const { shared, loads, wait } = counted(() => Promise.resolve([]))
  await shared(query)
  wait(30_000)
  await shared(query)
  expect(loads()).toBe(2)
})

test('a failure is not kept', async () => {
  const { shared, loads } = counted(() => Promise.reject(new Error('busy')))
  await expect(shared(query)).rejects.toThrow('busy')
  await expect(shared(query)).rejects.toThrow('busy')
  expect(loads()).toBe(2)
})
