// From spools to tables: sealed segments are loaded oldest first and deleted; what cannot be loaded is kept.
import { watch, type FSWatcher } from 'node:fs'
import { messageOf, RetryableError } from '../records/failure.ts'
import type { HandOverLog } from '../spool/hand-over-log.ts'
import {
  byAge,
  DamagedSegment,
  listSealed,
  quarantine,
  readSealed,
  removeSealed,
  type SealedSegment,
} from '../spool/sealed-segments.ts'
import type { Segment } from '../spool/segment.ts'
import { runsOf, type TableName } from '../spool/table.ts'
import type { Log } from '../telemetry/log.ts'
import { isMalformed } from './store-fault.ts'
import type { Store } from './store.ts'

export interface LoaderOptions {
  readonly store: Store
  /** Spool directories; one that does not exist yet is empty. */
  readonly directories: readonly string[]
  readonly log: Log
  /** Where it is noted what the store has got, before the segment's files go. */
  readonly handOvers?: Pick<HandOverLog, 'note' | 'removed'>
  /** Called after each load; again for a segment whose deletion a crash prevented. */
  readonly onLoaded: (table: TableName, rows: number) => void
  /** Longest wait before folders are looked at again; a change in them is seen at once. */
  readonly pollMs?: number
  /** First and longest wait while the store is away. */
  readonly retryMs?: { readonly first: number; readonly longest: number }
}

export interface LoaderStats {
  readonly loadedSegments: number
  readonly loadedRows: number
  /** Sealed segments seen at the last look that are not loaded yet. */
  readonly waitingSegments: number
  /** Epoch ms at which the oldest of them was begun; `null` = none waits. */
  readonly oldestWaitingMs: number | null
  readonly quarantinedSegments: number
  /** Why the last attempt failed; `null` when it did not. */
  readonly lastError: string | null
}

export interface Loader {
  /** Resolves when nothing sealed remains; waits as long as the store is away. */
  drain(): Promise<void>
  stats(): LoaderStats
  /** Runs `work` between two loads: nothing comes into the store meanwhile. */
  between<Result>(work: () => Promise<Result>): Promise<Result>
  /** Stops after the segment that is being loaded. */
  close(): Promise<void>
}

/** Starts loading; runs until `close`. */
export function startLoader(options: LoaderOptions): Loader {
  return new RunningLoader(options)
}

type Outcome = 'done' | 'postponed' | 'away'

interface Drainer {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

class RunningLoader implements Loader {
  readonly #options: LoaderOptions
  readonly #retryMs: { readonly first: number; readonly longest: number }
  readonly #finished: Promise<void>
  #waitMs = 0
  #closed = false
  #wake: () => void = () => undefined
  #changed = false
  /** Loads and what runs between them, one after another. */
  #tail: Promise<unknown> = Promise.resolve()
  #drainers: Drainer[] = []
  readonly #postponed = new Map<string, { readonly waitMs: number; readonly until: number }>()
  #stats: LoaderStats = {
    loadedSegments: 0,
    loadedRows: 0,
    waitingSegments: 0,
    oldestWaitingMs: null,
    quarantinedSegments: 0,
    lastError: null,
  }

  constructor(options: LoaderOptions) {
    this.#options = options
    this.#retryMs = options.retryMs ?? { first: 250, longest: 15_000 }
    this.#finished = this.#run()
  }

  drain(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(closedError())
        return
      }
      this.#drainers.push({ resolve, reject })
      this.#nudge()
    })
  }

  stats(): LoaderStats {
    return this.#stats
  }

  between<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.#tail.then(work)
    this.#tail = mine.catch(() => undefined)
    return mine
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#nudge()
    await this.#finished
    for (const drainer of this.#drainers) drainer.reject(closedError())
    this.#drainers = []
  }

  async #run(): Promise<void> {
    const watchers = new Map<string, FSWatcher>()
    while (!this.#closed) {
      this.#watch(watchers)
      this.#changed = false
      const isAway = await this.#pass().catch((error: unknown) => {
        this.#failed(error)
        return true
      })
      await this.#rest(isAway)
    }
    for (const watcher of watchers.values()) watcher.close()
  }

  /** Loads what is there now. Returns whether the store is away. */
  async #pass(): Promise<boolean> {
    const drainers = this.#drainers
    const found = await this.#list()
    if (found.length === 0) {
      this.#postponed.clear()
      this.#drainers = this.#drainers.filter((drainer) => !drainers.includes(drainer))
      for (const drainer of drainers) drainer.resolve()
    }
    let done = 0
    for (const sealed of found) {
      if (this.#closed) return false
      const outcome = this.#isPostponed(sealed)
        ? 'postponed'
        : await this.between(() => this.#load(sealed))
      if (outcome === 'away') return true
      if (outcome === 'done') done += 1
      this.#note({ waitingSegments: found.length - done })
    }
    if (done === found.length) this.#note({ lastError: null, oldestWaitingMs: null })
    // Drainers wait for an empty list, so after some work the folders are looked at again at once.
    if (done > 0) this.#changed = true
    return false
  }

  async #list(): Promise<readonly SealedSegment[]> {
    const lists = await Promise.all(this.#options.directories.map(listSealed))
    const found = lists.flat().toSorted(byAge)
    const oldest = found.reduce((least, each) => Math.min(least, each.createdAtMs), Infinity)
    this.#note({
      waitingSegments: found.length,
      oldestWaitingMs: found.length === 0 ? null : oldest,
    })
    return found
  }

  async #load(sealed: SealedSegment): Promise<Outcome> {
    try {
      const segment = await readSealed(sealed)
      await this.#loadCarefully(segment)
      await this.#handOver(sealed, segment)
      this.#note({
        loadedSegments: this.#stats.loadedSegments + 1,
        loadedRows: this.#stats.loadedRows + segment.rows,
      })
      this.#options.onLoaded(segment.table, segment.rows)
      return 'done'
    } catch (error) {
      if (error instanceof DamagedSegment || isMalformed(error)) {
        await this.#setAside(sealed, messageOf(error))
        return 'done'
      }
      this.#failed(error, sealed.name)
      if (error instanceof RetryableError) return 'away'
      this.#postpone(sealed)
      return 'postponed'
    }
  }

  /** Noted before the files go: whatever is killed here is in the spool, or noted, or both. */
  async #handOver(sealed: SealedSegment, segment: Segment): Promise<void> {
    const { handOvers } = this.#options
    const { name, rows, total, keys } = segment
    const days = runsOf(segment)
    await handOvers?.note({ segment: name, atMs: Date.now(), rows, total, days, keys })
    await removeSealed(sealed)
    handOvers?.removed(name)
  }

  /** A segment that fails by itself waits longer each time, and others pass it by. */
  #postpone(sealed: SealedSegment): void {
    const { first, longest } = this.#retryMs
    const before = this.#postponed.get(sealed.name)?.waitMs ?? 0
    const waitMs = Math.min(before * 2 || first, longest)
    this.#postponed.set(sealed.name, { waitMs, until: performance.now() + waitMs })
  }

  #isPostponed(sealed: SealedSegment): boolean {
    return (this.#postponed.get(sealed.name)?.until ?? 0) > performance.now()
  }

  /** Bytes that the engine cannot read are tried a second time, after it has shown that it is well. */
  async #loadCarefully(segment: Segment): Promise<void> {
    const { store } = this.#options
    try {
      await store.load(segment)
    } catch (error) {
      if (!isMalformed(error)) throw error
      await store.query('SELECT 1')
      await store.load(segment)
    }
  }

  async #setAside(sealed: SealedSegment, reason: string): Promise<void> {
    const place = await quarantine(sealed.directory, sealed.name, reason)
    this.#note({ quarantinedSegments: this.#stats.quarantinedSegments + 1, lastError: reason })
    this.#options.log.error(
      { segment: sealed.name, place, error: reason },
      'A segment was set aside: its rows are not in the store.',
    )
  }

  #failed(error: unknown, segment?: string): void {
    const reason = messageOf(error)
    // Said once an outage, not once an attempt.
    if (reason !== this.#stats.lastError) {
      this.#options.log.warn({ segment, error: reason }, 'A segment waits: loading it failed.')
    }
    this.#note({ lastError: reason })
  }

  #note(change: Partial<LoaderStats>): void {
    this.#stats = { ...this.#stats, ...change }
  }

  async #rest(isAway: boolean): Promise<void> {
    const { first, longest } = this.#retryMs
    this.#waitMs = isAway ? Math.min(this.#waitMs * 2 || first, longest) : 0
    if (this.#closed || (this.#changed && !isAway)) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, isAway ? this.#waitMs : (this.#options.pollMs ?? 500))
      this.#wake = () => {
        // While the store is away only the clock and `close` end the wait.
        if (isAway && !this.#closed) return
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = () => undefined
  }

  #nudge(): void {
    this.#changed = true
    this.#wake()
  }

  /** A hint only: folders appear late, and not every system tells of changes. */
  #watch(watchers: Map<string, FSWatcher>): void {
    for (const directory of this.#options.directories) {
      if (watchers.has(directory)) continue
      try {
        const watcher = watch(directory, { persistent: false }, (_change, file) => {
          if (file?.endsWith('.sealed') ?? true) this.#nudge()
        })
        watcher.on('error', () => {
          watchers.delete(directory)
          watcher.close()
        })
        watchers.set(directory, watcher)
      } catch {
        // Not there yet: the timer looks again.
      }
    }
  }
}

function closedError(): RetryableError {
  return new RetryableError('The loader was closed before all segments were loaded.')
}
