import { expect, test } from 'vitest'
import { fixedJudge, verdictOf } from '../evaluator-conformance.ts'
import { open } from '../evaluator.ts'
import type { Judge } from '../judge.ts'
import { judgePairwise } from './judge-pairwise.ts'

/** Prefers the answer that holds the word, or always the same place. */
function judgeThatLikes(liked: string): Judge {
  return {
    ...fixedJudge({}),
    ask({ user }) {
      const [, first = ''] = /<first-\w+>\n([\s\S]*?)\n<\/first/.exec(user) ?? []
      const label = liked === 'place' || first.includes(liked) ? 'first' : 'second'
      const spent = { costUsd: 0.001, latencySeconds: 0.1 }
      return Promise.resolve({ outcome: 'answered', label, reason: 'better', ...spent })
    },
  }
}

const attributes = { reference: 'It is Rome.' }
const ask = (judge: Judge) => verdictOf(judgePairwise, { attributes }, { judge })

test('the answer is better or worse when both orders agree', async () => {
  expect(await ask(judgeThatLikes('Lima'))).toMatchObject({
    value: 1,
    label: 'better',
    costUsd: 0.002,
  })
  expect(await ask(judgeThatLikes('Rome'))).toMatchObject({ value: 0, label: 'worse' })
  expect(await ask(fixedJudge({ label: 'tie' }))).toMatchObject({ value: 0.5, label: 'tie' })
})

test('a judge that favours a place gives a tie that is told as position bias', async () => {
  expect(await ask(judgeThatLikes('place'))).toMatchObject({
    value: 0.5,
    label: 'position_bias',
    reason: expect.stringContaining('when it stood second'),
  })
})

test('without the other answer it is skipped, and a judge that fails leaves no value', async () => {
  expect(await verdictOf(judgePairwise, {}, { judge: fixedJudge({}) })).toMatchObject({
    outcome: 'skipped',
  })
  expect(await ask(fixedJudge({ outcome: 'failed', reason: 'hung' }))).toMatchObject({
    outcome: 'failed',
    reason: 'hung',
  })
})

const version = (config: unknown, judge: string) =>
  open(judgePairwise).prepare(config, judge).version

test('judge and attribute are pinned', () => {
  const versions = [version({}, 'a'), version({}, 'b'), version({ attribute: 'other' }, 'a')]
  expect(new Set(versions).size).toBe(3)
})
