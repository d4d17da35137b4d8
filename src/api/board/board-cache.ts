// Every open page asks for the same board after the same tick: they share one answer.
import type { BoardWindow } from '../../store/queries/board-window.ts'
import type { Board } from '../contract.ts'

interface Entry {
  readonly startedAtMs: number
  readonly board: Promise<Board>
}

const reuseMs = 1_000
const mostEntries = 32

/**
 * Wraps a board reader so that equal requests share one answer for a second.
 * @param now epoch milliseconds
 */
export function cachedBoards(
  load: (window: BoardWindow) => Promise<Board>,
  now: () => number,
): (window: BoardWindow) => Promise<Board> {
  const entries = new Map<string, Entry>()
  return (window) => {
    const key = JSON.stringify([
      window.project,
      window.fromMs,
      window.toMs,
      window.stepMs,
      window.models,
    ])
    const known = entries.get(key)
    if (known !== undefined && now() - known.startedAtMs < reuseMs) return known.board
    const board = load(window)
    entries.delete(key)
    entries.set(key, { startedAtMs: now(), board })
    // A failure is not an answer worth keeping.
    board.catch(() => entries.delete(key))
    if (entries.size > mostEntries) entries.delete(entries.keys().next().value ?? key)
    return board
  }
}
