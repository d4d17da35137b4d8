/** When to look next: after a pause, at once when woken, soon when work ran dry. */
export interface Pace {
  /** Ends the running pause, and the next one if none is running. */
  wake(): void
  /** As `wake`, but not within `leastGapMs` of the pause's start. */
  hurry(): void
  /** Ends every pause for good. */
  stop(): void
  stopped(): boolean
  pause(): Promise<void>
}

/**
 * @param pauseMs longest pause
 * @param leastGapMs shortest pause that `hurry` leaves, so that a busy queue does not hammer the store
 */
export function openPace(pauseMs: number, leastGapMs = 100): Pace {
  let stopped = false
  let woken = false
  let hurried = false
  let end: (() => void) | undefined
  let gapIsOver = true
  const wake = () => {
    woken = true
    end?.()
  }
  return {
    wake,
    hurry() {
      hurried = true
      if (gapIsOver) end?.()
    },
    stop() {
      stopped = true
      wake()
    },
    stopped: () => stopped,
    async pause() {
      if (stopped) return
      if (!woken) await pauseOnce()
      woken = false
      hurried = false
    },
  }

  function pauseOnce(): Promise<void> {
    return new Promise((resolve) => {
      gapIsOver = false
      const full = setTimeout(finish, pauseMs)
      const gap = setTimeout(() => {
        gapIsOver = true
        if (hurried) finish()
      }, leastGapMs)
      end = finish
      function finish(): void {
        clearTimeout(full)
        clearTimeout(gap)
        gapIsOver = true
        end = undefined
        resolve()
      }
    })
  }
}
