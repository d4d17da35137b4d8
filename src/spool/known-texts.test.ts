import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exampleCall } from './examples.ts'
import { createKnownTexts } from './known-texts.ts'
import { hashedCall, openingOf, longestInline } from './text-hash.ts'

const hourMs = 3_600_000
const long = (name: string) => name.padEnd(longestInline + 1, '.')
const at = (hours: number, prompt = long('a')) =>
  hashedCall(exampleCall({ prompt, answer: 'short', startedAtMs: hours * hourMs }))

describe('known texts', () => {
  test('a text is written once an hour of calls, and for late calls not again', () => {
    const known = createKnownTexts()
    const first = known.unwritten([at(5), at(5.5)])
    expect(first).toEqual([
      { project: 'default', hash: at(5).promptHash, usedUntilMs: 6 * hourMs, text: long('a') },
    ])
    // Not marked yet: a write that failed must come again.
    expect(known.unwritten([at(5)])).toEqual(first)
    known.markWritten(first)
    expect(known.unwritten([at(5), at(5.99), at(2)])).toEqual([])
    expect(known.unwritten([at(6), at(7.5)]).map((row) => row.usedUntilMs)).toEqual([8 * hourMs])
  })

  test('projects do not share, and short texts are not kept here', () => {
    const known = createKnownTexts()
    known.markWritten(known.unwritten([at(5)]))
    expect(known.unwritten([{ ...at(5), project: 'other' }])).toHaveLength(1)
    expect(known.unwritten([at(5, 'x'.repeat(longestInline))])).toEqual([])
  })

  test('the texts that were not met for longest are forgotten', () => {
    const known = createKnownTexts(2)
    known.markWritten(known.unwritten([at(5, long('a')), at(5, long('b'))]))
    known.unwritten([at(5, long('a'))])
    known.markWritten(known.unwritten([at(5, long('c'))]))
    expect(known.unwritten([at(5, long('a')), at(5, long('c'))])).toEqual([])
    expect(known.unwritten([at(5, long('b'))])).toHaveLength(1)
  })

  test('whatever comes, some row keeps each text until its call', () => {
    const arrivals = fc.array(fc.tuple(fc.nat(3), fc.nat(400), fc.boolean()), { maxLength: 60 })
    fc.assert(
      fc.property(arrivals, (calls) => {
        const known = createKnownTexts(2)
        const kept = new Map<string, number>()
        for (const [name, tenths, isLost] of calls) {
          const call = at(tenths / 10, long(String(name)))
          const rows = known.unwritten([call])
          if (isLost) continue
          known.markWritten(rows)
          for (const row of rows)
            kept.set(row.hash, Math.max(row.usedUntilMs, kept.get(row.hash) ?? 0))
          expect(kept.get(call.promptHash)).toBeGreaterThan(call.startedAtMs)
        }
      }),
    )
  })
})

describe('what a row holds of a text', () => {
  test('is the text, or an opening that says so and cuts no character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 260 }), (text) => {
        const opening = openingOf(text)
        const { promptHash } = hashedCall(exampleCall({ prompt: text }))
        expect(opening.length).toBeLessThanOrEqual(longestInline)
        expect(Buffer.from(opening).toString()).toBe(opening)
        if (text.length <= longestInline) expect([opening, promptHash]).toEqual([text, ''])
        else {
          expect(text.startsWith(opening.slice(0, -1))).toBe(true)
          expect(opening.endsWith('…')).toBe(true)
          expect(promptHash).toMatch(/^[0-9a-f]{32}$/)
        }
      }),
    )
  })
})
