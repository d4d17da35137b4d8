import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { sentencesOf } from './sentences.ts'

const texts = (text: string) => sentencesOf(text).map((sentence) => sentence.text)

test.each([
  ['One. Two! Three?', ['One.', 'Two!', 'Three?']],
  [
    'Dr. Smith met J. R. Tolkien at 3.5 p.m. on Monday.',
    ['Dr. Smith met J. R. Tolkien at 3.5 p.m. on Monday.'],
  ],
  ['See e.g. Fig. 3. Then stop.', ['See e.g. Fig. 3.', 'Then stop.']],
  ['- first\n- second', ['first', 'second']],
  ['1. first\n2) second', ['first', 'second']],
  ['It is so [1]. And [2, 3] too.', ['It is so [1].', 'And [2, 3] too.']],
  ['It is so.[1] And more.', ['It is so.[1]', 'And more.']],
  ['Code:\n```\nx = 1. Y\n```\nDone.', ['Code:', 'Done.']],
  ['这是一。那是二。', ['这是一。', '那是二。']],
  ['---\n| --- |\n', []],
  ['version 1.2.3 of node.js is out', ['version 1.2.3 of node.js is out']],
])('%j', (text, expected) => {
  expect(texts(text)).toEqual(expected)
})

const count = (value: string) => value.split('Lima').length

test('each sentence stands where it says, in order, and no word outside of code is lost', () => {
  const piece = fc.constantFrom(
    'Lima',
    ' ',
    '. ',
    '! ',
    '\n',
    '- ',
    '2. ',
    'e.g.',
    '[1]',
    '。',
    '"',
    ')',
    'é',
    '3.5',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join('')
      const found = sentencesOf(text)
      let end = 0
      for (const { text: sentence, start } of found) {
        expect(text.slice(start, start + sentence.length)).toBe(sentence)
        expect(start).toBeGreaterThanOrEqual(end)
        end = start + sentence.length
      }
      expect(count(found.map((sentence) => sentence.text).join(' '))).toBe(count(text))
    }),
  )
})
