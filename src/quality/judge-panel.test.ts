import { expect, test } from 'vitest'
import { fixedJudge } from './evaluator-conformance.ts'
import type { Judge } from './judge.ts'
import { openPanel } from './judge-panel.ts'

const question = { system: 's', user: 'u', labels: ['safe', 'unsafe'] }
const unstopped = new AbortController().signal
const failing = fixedJudge({ outcome: 'failed', reason: 'hung' })
const dropping = fixedJudge({ outcome: 'dropped', reason: 'no money' })

/** Judges that give these labels. */
const panel = (...members: readonly (string | Judge)[]) =>
  openPanel(
    members.map((member, at) => {
      const judge = typeof member === 'string' ? fixedJudge({ label: member }) : member
      return { ...judge, model: `j${at + 1}` }
    }),
  )

test('all agree: one label, one reason, the cost of all, pinned by all', async () => {
  const three = panel('safe', 'safe', 'safe')
  expect(three.model).toBe('j1+j2+j3')
  expect(await three.ask(question, unstopped)).toEqual({
    outcome: 'answered',
    label: 'safe',
    reason: 'said so',
    costUsd: expect.closeTo(0.003, 12),
    latencySeconds: 0.25,
  })
})

test('the majority decides, and that it was one is told', async () => {
  expect(await panel('safe', 'unsafe', 'unsafe').ask(question, unstopped)).toMatchObject({
    label: 'unsafe',
    reason: 'panel 2 of 3: said so (j1: safe, j2: unsafe, j3: unsafe)',
  })
  expect(await panel('safe', failing, 'safe').ask(question, unstopped)).toMatchObject({
    label: 'safe',
    reason: expect.stringContaining('j2: hung'),
  })
})

test('a divided panel, or one that is too small by failures, gives no verdict', async () => {
  expect(await panel('safe', 'unsafe').ask(question, unstopped)).toMatchObject({
    outcome: 'failed',
    reason: 'the panel of 2 has no majority: j1: safe, j2: unsafe',
  })
  expect(await panel('safe', failing, dropping).ask(question, unstopped)).toMatchObject({
    outcome: 'failed',
  })
  expect(await panel(dropping, dropping).ask(question, unstopped)).toMatchObject({
    outcome: 'dropped',
  })
})

test('a member that is served by another model makes another version', async () => {
  const other: Judge = {
    ...fixedJudge({}),
    ask: async (asked, signal) => ({
      ...(await fixedJudge({}).ask(asked, signal)),
      servedBy: 'j2-next',
    }),
  }
  expect(await panel('safe', other).ask(question, unstopped)).toMatchObject({
    servedBy: 'j1&j2-next',
  })
})
