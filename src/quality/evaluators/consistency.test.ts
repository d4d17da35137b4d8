import { createServer } from 'node:http'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { testEvaluator, verdictOf } from '../evaluator-conformance.ts'
import { consistency } from './consistency.ts'

testEvaluator(consistency, {
  otherConfig: { compare: 'exact' },
  good: { answer: 'It is Lima.', attributes: { answers: '["Lima it is!"]' } },
  bad: { answer: 'It is Lima.', attributes: { answers: '["Lima.", "It is Cusco."]' } },
})

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

test.each([
  ['words', 'The bridge opened in 1932.', 'In 1932 the bridge was opened.', 1],
  ['exact', 'It is LIMA.', 'it is lima', 1],
  ['exact', 'Lima', 'Cusco', 0],
  ['meaning', 'lima', 'cusco', 0],
  ['meaning', 'lima', 'Lima', 1],
])('%s: %s / %s', async (compare, answer, other, value) => {
  const attributes = { answers: JSON.stringify([other]) }
  const verdict = await verdictOf(consistency, { answer, attributes }, { config: { compare } })
  expect(verdict).toMatchObject({ outcome: 'scored', value: expect.closeTo(value, 5) })
})

test.each(['no json', '{"a":1}', '[]', '["", " "]', '[1]'])(
  'the attribute answers = %s is no score',
  async (answers) => {
    expect(await verdictOf(consistency, { attributes: { answers } })).toMatchObject({
      outcome: 'skipped',
    })
  },
)

test('it asks again as often as told, says what that cost, and marks the traffic', async () => {
  const asked: { purpose: unknown; body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      asked.push({ purpose: request.headers['x-equipoise-purpose'], body })
      const content = asked.length === 1 ? 'Lima' : 'Cusco'
      const usage = { prompt_tokens: 100, completion_tokens: 10 }
      response.end(JSON.stringify({ choices: [{ message: { content } }], usage }))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const config = {
    ask: {
      url: `http://127.0.0.1:${port}`,
      times: 2,
      inputUsdPerMillion: 1,
      outputUsdPerMillion: 10,
    },
  }
  const verdict = await verdictOf(consistency, { answer: 'Lima' }, { config })
  expect(verdict).toMatchObject({ value: 0.5, costUsd: expect.closeTo(0.0004, 9) })
  expect(asked).toHaveLength(2)
  expect(asked[0]?.purpose).toBe('evaluation')
  expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({ model: 'gpt-oss-20b', temperature: 1 })

  const redacted = { prompt: 'Mail [redacted:email]', answer: 'Lima' }
  expect(await verdictOf(consistency, redacted, { config })).toMatchObject({ outcome: 'skipped' })
  expect(asked).toHaveLength(2)
})
