// Verdicts whose call has not come yet, on disk: they were acknowledged, so they outlive the process.
import { open, readFile, rename, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf, RetryableError } from '../../records/failure.ts'
import { redactedWithin } from '../../redaction/redacted-within.ts'
import type { ExtraPattern } from '../../redaction/detector.ts'
import { syncDirectory } from '../../spool/directory-sync.ts'
import type { Evaluation } from './evaluation.ts'
import type { AnyValue } from './wire/any-value.ts'

export interface WaitingVerdict {
  readonly callId: string
  readonly evaluation: Evaluation
}

export interface WaitingVerdicts {
  /** What an earlier process left waiting. */
  readonly left: readonly WaitingVerdict[]
  /** Resolves when the verdicts are durable; rejects with a `RetryableError` when the disk refuses. */
  add(verdicts: readonly WaitingVerdict[], patterns: readonly ExtraPattern[]): Promise<void>
  /** Its verdicts are scores now. May be forgotten by a crash: making the same scores again changes nothing. */
  settle(callId: string): void
  close(): Promise<void>
}

/** Opens the file, after writing it anew without what was settled. */
export async function openWaitingVerdicts(file: string): Promise<WaitingVerdicts> {
  const left = unsettled(await linesOf(file))
  const fresh = `${file}.new`
  const handle = await open(fresh, 'w')
  await handle.appendFile(left.map(lineOf).join(''))
  await handle.sync()
  await rename(fresh, file)
  await syncDirectory(dirname(file))
  return appending(handle, left)
}

function appending(handle: FileHandle, left: readonly WaitingVerdict[]): WaitingVerdicts {
  const waiting = new Set(left.map(({ callId }) => callId))
  let tail: Promise<void> = Promise.resolve()
  const append = (line: string, durable: boolean) => {
    const write = async () => {
      await handle.appendFile(line)
      if (durable) await handle.datasync()
    }
    const done = tail.then(write)
    tail = done.catch(() => undefined)
    return done
  }
  return {
    left,
    async add(verdicts, patterns) {
      const lines = verdicts.map(({ callId, evaluation }) =>
        lineOf({ callId, evaluation: redacted(evaluation, patterns) }),
      )
      try {
        await append(lines.join(''), true)
        for (const { callId } of verdicts) waiting.add(callId)
      } catch (error) {
        throw new RetryableError(
          `Verdicts on calls that have not come yet could not be written (${messageOf(error)}): free space in the data directory, then send them again.`,
          { cause: error },
        )
      }
    },
    settle(callId) {
      if (!waiting.delete(callId)) return
      void append(`${JSON.stringify({ settled: callId })}\n`, false).catch(() => undefined)
    },
    async close() {
      await tail
      await handle.close()
    },
  }
}

function lineOf({ callId, evaluation }: WaitingVerdict): string {
  const { timeMs, attributes } = evaluation
  return `${JSON.stringify({ callId, timeMs, attributes: Object.fromEntries(attributes) })}\n`
}

const mostTextBytes = 4_096

/** Only what makes a score, and its texts as they may be stored. */
function redacted(evaluation: Evaluation, patterns: readonly ExtraPattern[]): Evaluation {
  const kept = [...evaluation.attributes].filter(([key]) => /^(gen_ai|equipoise)\./.test(key))
  const safe = kept.map(([key, value]): [string, AnyValue] => [
    key,
    typeof value === 'string' ? redactedWithin(value, mostTextBytes, patterns) : value,
  ])
  return { timeMs: evaluation.timeMs, attributes: new Map(safe) }
}

async function linesOf(file: string): Promise<unknown[]> {
  try {
    const text = await readFile(file, 'utf8')
    return text.split('\n').flatMap(parsedLine)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/** A torn last line was never acknowledged. */
function parsedLine(line: string): unknown[] {
  try {
    return line === '' ? [] : [JSON.parse(line)]
  } catch {
    return []
  }
}

function unsettled(lines: readonly unknown[]): WaitingVerdict[] {
  const found: WaitingVerdict[] = []
  for (const line of lines) {
    const fields = new Map<string, unknown>(Object.entries(Object(line)))
    const [settled, callId, timeMs] = [
      fields.get('settled'),
      fields.get('callId'),
      fields.get('timeMs'),
    ]
    if (typeof settled === 'string') {
      found.splice(0, found.length, ...found.filter((verdict) => verdict.callId !== settled))
    } else if (typeof callId === 'string' && typeof timeMs === 'number') {
      const attributes = new Map<string, AnyValue>(Object.entries(Object(fields.get('attributes'))))
      found.push({ callId, evaluation: { timeMs, attributes } })
    }
  }
  return found
}
