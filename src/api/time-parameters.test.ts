import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { UserError } from '../records/failure.ts'
import { parseCount, parseDuration, parseTime } from './time-parameters.ts'

const nowMs = Date.UTC(2026, 0, 1)

test.each([
  ['1767225600000', 1_767_225_600_000],
  ['2026-01-01', nowMs],
  ['2026-01-01T00:00:00Z', nowMs],
  ['2026-01-01T02:00:00.250+02:00', nowMs + 250],
  ['now', nowMs],
  ['-15m', nowMs - 900_000],
  ['now-1h', nowMs - 3_600_000],
  ['+1.5s', nowMs + 1_500],
])('time %s', (text, expected) => {
  expect(parseTime('from', text, nowMs)).toBe(expected)
})

test.each([
  '',
  'yesterday',
  '-15',
  '-15x',
  '1767225600',
  '2026-13-01',
  '2026-01-01T00:00',
  '--5m',
  '1e12',
  '-1w-',
  '2026',
])('no time: %s', (text) => {
  expect(() => parseTime('from', text, nowMs)).toThrow(UserError)
})

test.each([
  ['10s', 10_000],
  ['5m', 300_000],
  ['1.5h', 5_400_000],
  ['250', 250],
  ['250ms', 250],
])('duration %s', (text, expected) => {
  expect(parseDuration('step', text)).toBe(expected)
})

test.each(['', '0s', '-5m', '5 m', 'm', '5M', 'Infinity', '0x10'])('no duration: %s', (text) => {
  expect(() => parseDuration('step', text)).toThrow(/step=.* is not a duration/)
})

test('any text gives a time within bounds or a UserError that names the parameter', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.date().map(String), fc.integer().map(String)), (text) => {
      try {
        const timeMs = parseTime('to', text, nowMs)
        expect(Number.isFinite(timeMs)).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(UserError)
        expect(String(error)).toContain('to=')
      }
    }),
  )
})

test('every ISO time of our centuries reads back', () => {
  const dates = fc.date({
    min: new Date('2000-01-01'),
    max: new Date('2199-12-31'),
    noInvalidDate: true,
  })
  fc.assert(
    fc.property(dates, (date) => {
      expect(parseTime('from', date.toISOString(), nowMs)).toBe(date.getTime())
      expect(parseTime('from', String(date.getTime()), nowMs)).toBe(date.getTime())
    }),
  )
})

test('counts keep to their bounds', () => {
  expect(parseCount('limit', '100', [1, 1_000])).toBe(100)
  for (const text of ['0', '1001', '-1', '1.5', 'ten', '']) {
    expect(() => parseCount('limit', text, [1, 1_000])).toThrow('whole number from 1 to 1000')
  }
})
