import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expositionFormat, parseExposition, type ExpositionSample } from './exposition.ts'

const only = (text: string, format: 'text' | 'openmetrics' = 'text') => {
  const { samples, badLines } = parseExposition(text, format)
  expect(badLines).toEqual([])
  return samples
}

describe('samples', () => {
  test.each<[string, ExpositionSample]>([
    ['a 1', { name: 'a', labels: {}, value: 1, timestampMs: null }],
    ['vllm:x_total 2.5e3 ', { name: 'vllm:x_total', labels: {}, value: 2500, timestampMs: null }],
    ['a{} 1', { name: 'a', labels: {}, value: 1, timestampMs: null }],
    ['a { b = "c" , } 1', { name: 'a', labels: { b: 'c' }, value: 1, timestampMs: null }],
    ['\ta{b="c"}\t.5\t17', { name: 'a', labels: { b: 'c' }, value: 0.5, timestampMs: 17 }],
    ['a{b="}{,= # "} 1', { name: 'a', labels: { b: '}{,= # ' }, value: 1, timestampMs: null }],
    [
      'a{b="\\"\\\\\\n\\x"} 1',
      { name: 'a', labels: { b: '"\\\n\\x' }, value: 1, timestampMs: null },
    ],
    [
      'a{le="+Inf"} +Inf',
      { name: 'a', labels: { le: '+Inf' }, value: Infinity, timestampMs: null },
    ],
    ['a -Inf -5', { name: 'a', labels: {}, value: -Infinity, timestampMs: -5 }],
    ['a NaN', { name: 'a', labels: {}, value: NaN, timestampMs: null }],
  ])('%j', (line, expected) => {
    expect(only(line)).toEqual([expected])
    expect(only(`${line}\r\n`)).toEqual([expected])
  })

  test('a label called __proto__ is a label', () => {
    const [sample] = only('a{__proto__="x"} 1')
    expect(Object.entries(sample?.labels ?? {})).toEqual([['__proto__', 'x']])
  })
})

describe('OpenMetrics', () => {
  test('seconds, exemplars and the end', () => {
    const text = '# TYPE a counter\na_total{b="c # d"} 3 1.5 # {trace_id="x"} 0.1 2\n# EOF\n'
    expect(only(text, 'openmetrics')).toEqual([
      { name: 'a_total', labels: { b: 'c # d' }, value: 3, timestampMs: 1_500 },
    ])
  })

  test('a body that was cut off says so and keeps what came', () => {
    const { samples, badLines } = parseExposition('a 1\nb 2\n', 'openmetrics')
    expect(samples.map((sample) => sample.name)).toEqual(['a', 'b'])
    expect(badLines).toEqual([{ line: 2, reason: 'the end (# EOF) is missing' }])
  })

  test('nothing counts after the end', () => {
    const { samples, badLines } = parseExposition('a 1\n# EOF\nb 2\n', 'openmetrics')
    expect(samples).toHaveLength(1)
    expect(badLines).toEqual([{ line: 3, reason: 'something stands after the end (# EOF)' }])
  })

  test('the content type tells the format', () => {
    expect(expositionFormat('application/openmetrics-text; version=1.0.0')).toBe('openmetrics')
    expect(expositionFormat('text/plain; version=0.0.4; charset=utf-8')).toBe('text')
  })
})

describe('bad lines', () => {
  test.each([
    ['<html>', 'expected a metric name, found "<html>"'],
    ['a', 'the value is missing'],
    ['a one', 'expected a number, found "one"'],
    ['a 0x10', 'expected a number, found "0x10"'],
    ['a 1 soon', 'expected a timestamp, found "soon"'],
    ['a 1 2 3', '"3" stands after the timestamp'],
    ['a{b="c} 1', 'the value of label "b" is not a closed string'],
    ['a{b="c\\', 'the value of label "b" is not a closed string'],
    ['a{b} 1', 'expected = after label "b"'],
    ['a{b="c" d="e"} 1', 'expected , or } after label "b"'],
    ['a{b="1",b="2"} 1', 'label "b" is repeated'],
    ['a{9="1"} 1', 'expected a label name, found "9=\\"1\\"} 1"'],
    ['a{b="1"', 'expected , or } after label "b"'],
    ['# TYPE a speed', 'unknown type "speed"'],
  ])('%j costs itself only', (line, reason) => {
    const { samples, badLines } = parseExposition(`before 1\n${line}\nafter 2\n`)
    expect(samples.map((sample) => sample.name)).toEqual(['before', 'after'])
    expect(badLines).toEqual([{ line: 2, reason }])
  })

  test('a series that is written twice counts once', () => {
    const { samples, badLines } = parseExposition('a{b="c"} 1\na{b="c"} 1\na{b="d"} 1\n')
    expect(samples).toHaveLength(2)
    expect(badLines).toEqual([{ line: 2, reason: '"a" is repeated with the same labels' }])
  })

  test('they are counted beyond those shown', () => {
    const { badLines, badLineCount } = parseExposition('?\n'.repeat(1_000))
    expect(badLineCount).toBe(1_000)
    expect(badLines).toHaveLength(20)
  })
})

test('comments, help texts and empty lines are no samples; types are kept', () => {
  const text =
    '# HELP a A "quoted" \\n help.\n# TYPE a counter\n\n  \n#\n# a comment\n#TYPE b x\na 1\n'
  const { samples, types, badLines } = parseExposition(text)
  expect(samples).toHaveLength(1)
  expect([...types]).toEqual([['a', 'counter']])
  expect(badLines).toEqual([])
})

describe('laws', () => {
  test('no bytes make it throw', () => {
    const bytes = fc.uint8Array({ maxLength: 400 })
    fc.assert(
      fc.property(
        bytes,
        fc.constantFrom('text' as const, 'openmetrics' as const),
        (body, format) => {
          parseExposition(new TextDecoder().decode(body), format)
        },
      ),
    )
  })

  test('no text made of its own signs makes it throw, and each line is kept or reported', () => {
    const signs = fc.constantFrom(...'ab_:{}="\\,# \t\r\n0.+-eINTYPE'.split(''))
    fc.assert(
      fc.property(fc.array(signs, { maxLength: 200 }), (parts) => {
        const text = parts.join('')
        const { samples, badLineCount } = parseExposition(text)
        const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
        const meant = lines.filter((line) => !/^[ \t]*(#|$)/.test(line))
        const badTypes = badLineCount - (meant.length - samples.length)
        expect(badTypes).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('what is written is read back', () => {
    const sample = fc.record({
      name: fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,12}$/),
      labels: fc.dictionary(
        fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/),
        fc.string({ unit: 'grapheme' }),
        {
          maxKeys: 4,
          noNullPrototype: true,
        },
      ),
      value: fc.double(),
      timestampMs: fc.option(fc.integer()),
    })
    const samples = fc.uniqueArray(sample, { selector: (one) => identity(one), maxLength: 20 })
    fc.assert(
      fc.property(samples, fc.constantFrom('\n', '\r\n'), (written, newline) => {
        const text = written.map((one) => render(one) + newline).join('')
        expect(only(text)).toEqual(written)
      }),
    )
  })

  test('work grows with the length, not with its square', () => {
    const label = `a{b="${'\\\\'.repeat(2_000_000)}"} 1\n`
    expect(only(label)[0]?.labels['b']).toHaveLength(2_000_000)
    expect(parseExposition(`a{b="${'x'.repeat(4_000_000)}`).badLineCount).toBe(1)
    expect(parseExposition(`a ${' '.repeat(4_000_000)}x`).badLineCount).toBe(1)
  })
})

function identity(sample: ExpositionSample): string {
  return JSON.stringify([sample.name, Object.entries(sample.labels), sample.timestampMs])
}

function render(sample: ExpositionSample): string {
  const labels = Object.entries(sample.labels).map(([name, value]) => `${name}="${escape(value)}"`)
  const value = Object.is(sample.value, -0) ? '-0' : String(sample.value)
  const time = sample.timestampMs === null ? '' : ` ${sample.timestampMs}`
  return `${sample.name}{${labels.join(',')}} ${value.replace('Infinity', 'Inf')}${time}`
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
