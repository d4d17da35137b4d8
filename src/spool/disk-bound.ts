// How much disk a spool may take. Another process deletes loaded segments, so the truth is read again now and then.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { RetryableError } from '../records/failure.ts'

export interface DiskBound {
  /** Counts bytes about to be written; throws a `RetryableError` when they would pass the bound. */
  admit(bytes: number): void
  /** Reads the directory again. */
  rescan(): Promise<void>
  usedBytes(): number
}

/** Bound on the files of one spool directory; quarantined segments do not count. */
export function createDiskBound(options: {
  readonly directory: string
  /** Bytes. */
  readonly maxSize: number
  readonly now: () => number
}): DiskBound {
  const { directory, maxSize, now } = options
  const mostRowBytes = maxSize - Math.min(maxSize / 16, mostBesideBytes)
  let scannedAtMs = Number.NEGATIVE_INFINITY
  let scannedBytes = 0
  let admittedBytes = 0
  let scanning: Promise<void> | undefined

  const rescan = (): Promise<void> => {
    scanning ??= scan().finally(() => {
      scanning = undefined
    })
    return scanning
  }

  const scan = async (): Promise<void> => {
    const before = admittedBytes
    scannedAtMs = now()
    scannedBytes = await sizeOf(directory)
    admittedBytes -= before
  }

  return {
    admit(bytes) {
      const used = scannedBytes + admittedBytes
      if (used + bytes > mostRowBytes) {
        // Room may have been made since: look again, but not at each refusal.
        if (now() - scannedAtMs >= rescanEveryMs) void rescan().catch(() => undefined)
        throw new RetryableError(
          `The spool ${directory} holds ${used} bytes and may hold ${maxSize}: ${bytes} more were refused and nothing was accepted. ` +
            'It drains when the store is reachable; raise spool.maxSize to bridge longer outages.',
        )
      }
      admittedBytes += bytes
    },
    rescan,
    usedBytes: () => scannedBytes + admittedBytes,
  }
}

const rescanEveryMs = 250

/** Left for what is written beside the rows, which only a scan counts: the commits of unsealed segments. */
const mostBesideBytes = 4 * 1_024 * 1_024

async function sizeOf(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = await Promise.all(files.map((file) => sizeOrGone(join(directory, file.name))))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Zero for a file that the loader removed since it was listed. */
async function sizeOrGone(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}
