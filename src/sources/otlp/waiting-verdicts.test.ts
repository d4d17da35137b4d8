import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestOtlp } from './test-receiver.ts'
import { openWaitingVerdicts, type WaitingVerdicts } from './waiting-verdicts.ts'

let directory: string
let file: string
const opened: WaitingVerdicts[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'equipoise-verdicts-'))
  file = join(directory, 'verdicts.jsonl')
})
afterEach(async () => {
  for (const waiting of opened.splice(0)) await waiting.close()
  await rm(directory, { recursive: true, force: true })
})

async function reopen(): Promise<WaitingVerdicts> {
  const waiting = await openWaitingVerdicts(file)
  opened.push(waiting)
  return waiting
}

const attribute = (key: string, value: object) => ({ key, value })

const verdict = (callId: string) => ({
  callId,
  evaluation: {
    timeMs: 5,
    attributes: new Map([
      ['gen_ai.evaluation.name', 'tone'],
      ['gen_ai.evaluation.explanation', 'write to jo.doe@example.org'],
      ['enduser.note', 'not ours'],
    ]),
  },
})

test('what was added is there after the process is gone, redacted, until it is settled', async () => {
  const first = await reopen()
  await first.add([verdict('a'), verdict('b')], [])
  first.settle('a')
  await first.close()
  opened.length = 0
  expect(await readFile(file, 'utf8')).not.toContain('jo.doe')
  const second = await reopen()
  expect(second.left.map(({ callId }) => callId)).toEqual(['b'])
  const attributes = second.left[0]?.evaluation.attributes ?? new Map()
  expect([...attributes.keys()]).toEqual([
    'gen_ai.evaluation.name',
    'gen_ai.evaluation.explanation',
  ])
})

test('a torn last line is no verdict and harms none', async () => {
  const first = await reopen()
  await first.add([verdict('a')], [])
  await appendFile(file, '{"callId":"b","timeMs":')
  expect((await reopen()).left.map(({ callId }) => callId)).toEqual(['a'])
})

test('a verdict that an earlier process acknowledged joins its span', async () => {
  const traceId = 'a'.repeat(32)
  const spanId = 'b'.repeat(16)
  const before = createTestOtlp({ waiting: await reopen() })
  await before.send('logs', {
    resourceLogs: [
      {
        scopeLogs: [
          {
            logRecords: [
              {
                eventName: 'gen_ai.evaluation.result',
                traceId,
                spanId,
                attributes: [
                  attribute('gen_ai.evaluation.name', { stringValue: 'tone' }),
                  attribute('gen_ai.evaluation.score.value', { doubleValue: 0.25 }),
                ],
              },
            ],
          },
        ],
      },
    ],
  })
  expect(before.scores).toEqual([])
  const after = createTestOtlp({ waiting: await reopen() })
  await after.send('traces', {
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: [
              {
                traceId,
                spanId,
                name: 'chat llama-3',
                startTimeUnixNano: String(BigInt(Date.UTC(2026, 5, 1, 11, 59)) * 1_000_000n),
                endTimeUnixNano: String(BigInt(Date.UTC(2026, 5, 1, 11, 59, 1)) * 1_000_000n),
                attributes: [
                  attribute('gen_ai.operation.name', { stringValue: 'chat' }),
                  attribute('gen_ai.request.model', { stringValue: 'llama-3' }),
                ],
              },
            ],
          },
        ],
      },
    ],
  })
  expect(after.calls).toHaveLength(1)
  expect(after.scores).toMatchObject([{ evaluator: 'tone', value: 0.25, model: 'llama-3' }])
})
