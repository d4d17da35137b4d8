import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  inactive,
  isTransition,
  nextState,
  type RuleState,
  type Timing,
  type Verdict,
} from './state-machine.ts'

const timing: Timing = { forMs: 60, pendingPatienceMs: 40, firingPatienceMs: 100 }

/** States after evaluations every 20 ms, written h (holds), p (persists), n (not) and ? (unknown). */
function statesOf(verdicts: string, of: Timing = timing): string[] {
  const meaning: Readonly<Record<string, Verdict>> = {
    h: 'holds',
    p: 'persists',
    n: 'not',
    '?': 'unknown',
  }
  let state = inactive
  return verdicts.split('').map((sign, index) => {
    state = nextState(state, meaning[sign] ?? 'unknown', index * 20, of)
    return state.state
  })
}

describe('verdicts to states', () => {
  test.each([
    ['n?n', 'inactive inactive inactive'],
    ['hhhh', 'pending pending pending firing'],
    ['hhn', 'pending pending inactive'],
    ['hhnhhhh', 'pending pending inactive pending pending pending firing'],
    ['hhhhhn', 'pending pending pending firing firing resolved'],
    ['hhhhnhn', 'pending pending pending firing resolved pending inactive'],
    ['ppp', 'inactive inactive inactive'],
    ['hhp', 'pending pending inactive'],
    ['hhhhppppppppn', `pending pending pending ${'firing '.repeat(9)}resolved`],
    ['h?hh', 'pending pending pending firing'],
    ['h???', 'pending pending pending inactive'],
    ['hhhh?????n', 'pending pending pending firing firing firing firing firing firing resolved'],
    ['hhhh??????', 'pending pending pending firing firing firing firing firing firing resolved'],
  ])('%s: %s', (verdicts, states) => {
    expect(statesOf(verdicts)).toEqual(states.split(' '))
  })

  test('without a waiting time it fires at once', () => {
    expect(statesOf('hnh', { ...timing, forMs: 0 })).toEqual(['firing', 'resolved', 'firing'])
  })

  test('a gap in the evaluations does not count as time that it held', () => {
    const pending = nextState(inactive, 'holds', 0, timing)
    const late = nextState(pending, 'holds', 5_000, timing)
    expect(late).toMatchObject({ state: 'pending', startedAtMs: 5_000 })
    expect(isTransition(pending, late)).toBe(true)
  })
})

describe('laws over any history', () => {
  const evaluation = fc.record({
    verdict: fc.constantFrom<Verdict>('holds', 'persists', 'not', 'unknown'),
    afterMs: fc.integer({ min: 1, max: 60 }),
  })
  const history = fc.array(evaluation, { maxLength: 60 })
  const timings = fc.record({
    forMs: fc.integer({ min: 0, max: 200 }),
    pendingPatienceMs: fc.integer({ min: 1, max: 100 }),
    firingPatienceMs: fc.integer({ min: 1, max: 100 }),
  })

  test('it never fires twice without resolving, and nothing but a firing alert resolves', () => {
    fc.assert(
      fc.property(history, timings, (evaluations, of) => {
        const states = replay(evaluations, of).map(({ after }) => after.state)
        const told = states.filter((state, index) => state !== (states[index - 1] ?? 'inactive'))
        const signs = told.filter((state) => state === 'firing' || state === 'resolved')
        expect(signs).toEqual(signs.map((_, index) => (index % 2 === 0 ? 'firing' : 'resolved')))
      }),
    )
  })

  test('it never fires before the condition held for long enough, nor on less than that', () => {
    fc.assert(
      fc.property(history, timings, (evaluations, of) => {
        let heldSinceMs = Infinity
        for (const { verdict, timeMs, before, after } of replay(evaluations, of)) {
          if (verdict === 'holds') heldSinceMs = Math.min(heldSinceMs, timeMs)
          if (verdict === 'not' || verdict === 'persists' || after.state === 'resolved')
            heldSinceMs = Infinity
          if (before.state === 'firing' || after.state !== 'firing') continue
          expect(verdict).toBe('holds')
          expect(timeMs - after.startedAtMs).toBeGreaterThanOrEqual(of.forMs)
          expect(after.startedAtMs).toBeGreaterThanOrEqual(heldSinceMs)
        }
      }),
    )
  })

  test('the time of change is that of the newest transition', () => {
    fc.assert(
      fc.property(history, timings, (evaluations, of) => {
        for (const { timeMs, before, after } of replay(evaluations, of)) {
          const expected = isTransition(before, after) ? timeMs : before.changedAtMs
          expect(after.changedAtMs).toBe(expected)
        }
      }),
    )
  })
})

function replay(evaluations: readonly { verdict: Verdict; afterMs: number }[], of: Timing) {
  let after = inactive
  let timeMs = 1_000
  return evaluations.map(({ verdict, afterMs }) => {
    const before: RuleState = after
    timeMs += afterMs
    after = nextState(before, verdict, timeMs, of)
    return { verdict, timeMs, before, after }
  })
}
