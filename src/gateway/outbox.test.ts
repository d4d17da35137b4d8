import pino from 'pino'
import { expect, test } from 'vitest'
import type { Call } from '../records/call.ts'
import { RetryableError } from '../records/failure.ts'
import type { Accept } from '../records/record-kind.ts'
import { unknownMachine } from './call-facts.ts'
import { Outbox } from './outbox.ts'

const log = pino({ level: 'silent' })

const call = (callId: string, prompt = ''): Call => ({
  project: 'p',
  callId,
  traceId: '',
  spanId: '',
  startedAtMs: 0,
  model: 'm',
  component: 'm',
  copy: '',
  route: '',
  tenant: '',
  operation: 'chat',
  streaming: false,
  status: 200,
  outcome: 'success',
  errorType: '',
  errorMessage: '',
  finishReason: '',
  queueSeconds: null,
  ttftSeconds: null,
  tpotSeconds: null,
  totalSeconds: 0,
  promptTokens: null,
  cachedTokens: null,
  completionTokens: null,
  usageSource: 'none',
  modelVersion: '',
  engineVersion: '',
  promptTemplate: '',
  promptVersion: '',
  samplingProbability: 1,
  sampled: true,
  prompt,
  answer: '',
  attributes: {},
  machine: unknownMachine,
})

function collecting(onBatch: () => void = () => {}) {
  const batches: string[][] = []
  const accept: Accept = (_, records) => {
    onBatch()
    batches.push(records.map((record) => ('callId' in record ? record.callId : '')))
    return Promise.resolve()
  }
  return { batches, accept }
}

test('records go in order, in batches', async () => {
  const { batches, accept } = collecting()
  const outbox = new Outbox(accept, log)
  for (let i = 0; i < 1_200; i += 1) outbox.put(call(String(i)))
  expect(await outbox.flush(5_000)).toBe(0)
  expect(batches.map((batch) => batch.length)).toEqual([512, 512, 176])
  expect(batches.flat()).toEqual(Array.from({ length: 1_200 }, (_, i) => String(i)))
})

test('a refused batch is tried again after the time that was asked for, in order', async () => {
  let refusals = 2
  const { batches, accept } = collecting(() => {
    refusals -= 1
    if (refusals >= 0) throw new RetryableError('full', { retryAfterMs: 5 })
  })
  const outbox = new Outbox(accept, log)
  outbox.put(call('a'))
  outbox.put(call('b'))
  await outbox.flush(5_000)
  expect(batches.flat()).toEqual(['a', 'b'])
  expect([outbox.size, outbox.lost]).toEqual([0, 0])
})

test('what cannot be kept is counted, rows last and texts first', async () => {
  const outbox = new Outbox(() => new Promise(() => {}), log)
  const text = 'x'.repeat(2 ** 20)
  for (let i = 0; i < 100; i += 1) outbox.put(call('long', text))
  expect([outbox.size, outbox.lost]).toEqual([100, 0])
  for (let i = 0; i < 20_000; i += 1) outbox.put(call('short'))
  expect([outbox.size, outbox.lost]).toEqual([20_000, 100])
  expect(await outbox.flush(10)).toBe(20_000)
  outbox.close()
  outbox.put(call('late'))
  expect(outbox.lost).toBeGreaterThan(100)
})
