// Which texts this process has written, so that a prompt that comes again is not written again.
import type { TextRow } from './tables/text.ts'
import type { HashedCall } from './text-hash.ts'

export interface KnownTexts {
  /** Long texts of the calls that no marked row keeps long enough, each once. */
  unwritten(calls: readonly HashedCall[]): readonly TextRow[]
  markWritten(rows: readonly TextRow[]): void
}

/**
 * A row serves the calls of its hour: it expires with the last of them, at most an hour late, and a text in
 * use is written once an hour.
 */
const hourMs = 3_600_000

/** An empty memory. @param most texts remembered, about 150 bytes each; those not met for longest are forgotten */
export function createKnownTexts(most = 65_536): KnownTexts {
  /** Newest met last. */
  const writtenUntilMs = new Map<string, number>()

  const remember = (key: string, untilMs: number): void => {
    writtenUntilMs.delete(key)
    writtenUntilMs.set(key, untilMs)
  }

  return {
    unwritten(calls) {
      const rows = new Map<string, TextRow>()
      for (const row of calls.flatMap(textsOf)) {
        const key = keyOf(row)
        const known = writtenUntilMs.get(key)
        if (known !== undefined) remember(key, known)
        const untilMs = Math.max(known ?? 0, rows.get(key)?.usedUntilMs ?? 0)
        if (row.usedUntilMs > untilMs) rows.set(key, row)
      }
      return [...rows.values()]
    },
    markWritten(rows) {
      for (const row of rows) {
        const key = keyOf(row)
        remember(key, Math.max(row.usedUntilMs, writtenUntilMs.get(key) ?? 0))
      }
      for (const key of writtenUntilMs.keys()) {
        if (writtenUntilMs.size <= most) break
        writtenUntilMs.delete(key)
      }
    },
  }
}

function textsOf(call: HashedCall): readonly TextRow[] {
  const { project, prompt, answer, promptHash, answerHash } = call
  const usedUntilMs = (Math.floor(call.startedAtMs / hourMs) + 1) * hourMs
  const rows = [
    { project, hash: promptHash, usedUntilMs, text: prompt },
    { project, hash: answerHash, usedUntilMs, text: answer },
  ]
  return rows.filter((row) => row.hash !== '')
}

function keyOf({ hash, project }: TextRow): string {
  return `${hash} ${project}`
}
