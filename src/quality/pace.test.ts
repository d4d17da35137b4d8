import { expect, test, vi } from 'vitest'
import { openPace } from './pace.ts'

/** Whether the pause is over after the microtasks that are due. */
async function isOver(pause: Promise<void>): Promise<boolean> {
  let over = false
  void pause.then(() => (over = true))
  await vi.advanceTimersByTimeAsync(0)
  return over
}

test('a pause ends by itself, when woken, soon when hurried, and for good when stopped', async () => {
  vi.useFakeTimers()
  try {
    const pace = openPace(1_000, 100)
    const full = pace.pause()
    await vi.advanceTimersByTimeAsync(999)
    expect(await isOver(full)).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await isOver(full)).toBe(true)

    const woken = pace.pause()
    pace.wake()
    expect(await isOver(woken)).toBe(true)

    const hurried = pace.pause()
    pace.hurry()
    expect(await isOver(hurried)).toBe(false)
    await vi.advanceTimersByTimeAsync(100)
    expect(await isOver(hurried)).toBe(true)

    // A wake between two pauses is not lost.
    pace.wake()
    expect(await isOver(pace.pause())).toBe(true)
    expect(await isOver(pace.pause())).toBe(false)

    pace.stop()
    expect(pace.stopped()).toBe(true)
    expect(await isOver(pace.pause())).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})
