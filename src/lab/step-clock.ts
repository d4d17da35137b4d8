/** What a clock drives: steps that follow each other without gaps while there is work. */
export interface StepWork {
  /** Begins a step at `startMs` and says how long it lasts (ms); `null` = nothing to do. */
  begin(startMs: number): number | null
  /** The step that was begun is over. */
  complete(endMs: number): void
}

export interface StepClock {
  /** There may be work now; does nothing while a step is under way. */
  wake(nowMs: number): void
  close(): void
}

/** Most real time that one timer spends on steps that are due, so that sockets get their turn. */
const sliceMs = 10
/** A machine too slow for the asked speed loses the time that it is further behind than this. */
const longestLagMs = 1_000

/** Runs steps at their own pace with one timer; a step's end is planned from the end before it, so nothing drifts. */
export function createStepClock(work: StepWork): StepClock {
  let endsMs: number | null = null
  let timer: NodeJS.Timeout | undefined

  const begin = (startMs: number) => {
    const lastsMs = work.begin(startMs)
    endsMs = lastsMs === null ? null : startMs + lastsMs
  }

  const arm = () => {
    if (endsMs === null) return
    timer = setTimeout(tick, Math.max(0, Math.ceil(endsMs - performance.now())))
  }

  const tick = () => {
    const now = performance.now()
    for (;;) {
      if (endsMs === null || endsMs > now || performance.now() > now + sliceMs) break
      const endedMs = Math.max(endsMs, now - longestLagMs)
      work.complete(endedMs)
      begin(endedMs)
    }
    arm()
  }

  return {
    wake: (nowMs) => {
      if (endsMs !== null) return
      begin(nowMs)
      arm()
    },
    close: () => {
      clearTimeout(timer)
      endsMs = null
    },
  }
}
