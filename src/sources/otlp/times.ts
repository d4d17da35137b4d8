const dayMs = 86_400_000

/** What is wrong with a record's time; `null` = nothing. Far-off times come from a wrong clock or unit. */
export function timeProblem(
  what: string,
  timeMs: number,
  nowMs: number,
): { readonly reason: string; readonly message: string } | null {
  if (timeMs >= nowMs - 366 * dayMs && timeMs <= nowMs + dayMs) return null
  return {
    reason: 'bad_time',
    message: `${what} older than 366 days or more than a day ahead: check the clock and the unit (nanoseconds)`,
  }
}
