import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkedLine, commitLine, headerLine, parseCommitLog, type Commit } from './commit-log.ts'

const structure = "`time` DateTime64(3, 'UTC'), `s` String"

const anyCommits = fc
  .array(
    fc.record({
      length: fc.nat(),
      rows: fc.nat(),
      crc: fc.nat({ max: 2 ** 32 - 1 }),
      times: fc.option(fc.record({ fromMs: fc.integer(), toMs: fc.integer() })),
      total: fc.option(fc.nat()),
      keys: fc.uint8Array({ maxLength: 40 }),
      days: fc.option(fc.array(fc.record({ from: fc.nat(), to: fc.nat(), rows: fc.nat() }))),
    }),
  )
  .map((parts) => {
    let start = 0
    return parts.map(({ days, ...part }): Commit => {
      start += part.length
      return { start: start - part.length, ...part, ...(days === null ? {} : { days }) }
    })
  })

const textOf = (commits: readonly Commit[]) =>
  headerLine(structure) + commits.map(commitLine).join('')

test('what was written is read', () => {
  fc.assert(
    fc.property(anyCommits, (commits) => {
      expect(parseCommitLog(textOf(commits))).toEqual({ structure, commits })
    }),
  )
})

test('a log cut anywhere is the log of the commits before the cut', () => {
  fc.assert(
    fc.property(anyCommits, fc.nat(), (commits, cut) => {
      const text = textOf(commits)
      const kept = text.slice(0, cut % (text.length + 1))
      const whole = kept.split('\n').length - 1
      expect(parseCommitLog(kept).commits).toEqual(commits.slice(0, Math.max(0, whole - 1)))
    }),
  )
})

test('a changed byte is never read as a commit', () => {
  fc.assert(
    fc.property(anyCommits, fc.nat(), fc.integer({ min: 1, max: 127 }), (commits, at, flip) => {
      const bytes = Buffer.from(textOf(commits))
      const index = at % bytes.length
      bytes.writeUInt8((bytes.readUInt8(index) ^ flip) & 0x7f, index)
      let read: readonly Commit[] = []
      try {
        read = parseCommitLog(bytes.toString()).commits
      } catch {
        return
      }
      expect(read).toEqual(commits.slice(0, read.length))
    }),
  )
})

const uncounted = { total: null, keys: new Uint8Array(0) }

test('damage before whole lines is reported, a torn end is not', () => {
  const commit = { start: 0, length: 3, rows: 1, crc: 7, times: null, ...uncounted }
  const next = { start: 3, length: 3, rows: 1, crc: 9, times: null, ...uncounted }
  const torn = commitLine(next).slice(0, -4)
  expect(parseCommitLog(headerLine(structure) + commitLine(commit) + torn).commits).toEqual([
    commit,
  ])
  expect(() => parseCommitLog(`${headerLine(structure)}garbage\n${commitLine(commit)}`)).toThrow(
    /line 2 of 3/,
  )
})

test('a gap between commits is damage', () => {
  const commit = { start: 4, length: 3, rows: 1, crc: 7, times: null, ...uncounted }
  expect(() => parseCommitLog(headerLine(structure) + commitLine(commit))).toThrow(/starts at 4/)
})

test('the log of a program that did not count is read', () => {
  const text = headerLine(structure) + checkedLine('0 3 1 00000007 5 6')
  expect(parseCommitLog(text).commits).toEqual([
    { start: 0, length: 3, rows: 1, crc: 7, times: { fromMs: 5, toMs: 6 }, ...uncounted },
  ])
})
