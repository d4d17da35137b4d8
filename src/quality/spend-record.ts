import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

/** What a judge may have spent on a day, kept where a kill cannot reach it. */
export interface SpendRecord {
  /** US dollars of a UTC day (days since the epoch); 0 when the record is of another day or there is none. */
  read(day: number): number
  /** Throws when it cannot be written. */
  write(day: number, usd: number): void
}

const content = z.object({ day: z.int(), usd: z.number().min(0) })

/**
 * A record in a file. Written at once and in one piece: the process may be killed at any moment. A power cut may
 * take the last write back; the scores in the store then still say most of it.
 */
export function openSpendRecord(file: string): SpendRecord {
  return {
    read(day) {
      const parsed = content.safeParse(contentOf(file))
      return parsed.success && parsed.data.day === day ? parsed.data.usd : 0
    },
    write(day, usd) {
      writeFileSync(`${file}.new`, JSON.stringify({ day, usd }))
      renameSync(`${file}.new`, file)
    },
  }
}

function contentOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}
