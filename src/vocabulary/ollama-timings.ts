// What Ollama says of itself: it has no metrics page, but each native answer carries its own times.

/** Of one answer; `null` = not told, never zero. */
export interface OllamaTimings {
  /** Arrival to end, loading of the model included. */
  readonly totalSeconds: number
  /** Everything before the first token: waiting, loading, reading the prompt. */
  readonly ttftSeconds: number | null
  readonly tpotSeconds: number | null
  readonly loadSeconds: number | null
  /** Ollama leaves it out when the whole prompt was in its cache. */
  readonly promptTokens: number | null
  readonly completionTokens: number | null
}

const nanosecond = 1e-9

/**
 * The times of a native answer (`/api/chat`, `/api/generate`), or of the last object of a stream; `null` where
 * `total_duration` is missing or a field is no amount, since half of them would mislead.
 */
export function ollamaTimings(answer: Readonly<Record<string, unknown>>): OllamaTimings | null {
  const values = fields.map((name) => answer[name] ?? null)
  if (!values.every(isAmountOrNull)) return null
  const [total = null, load = null, evalTime = null, promptCount = null, evalCount = null] = values
  if (total === null || (evalTime ?? 0) > total) return null
  return {
    totalSeconds: total * nanosecond,
    ttftSeconds: seconds(evalTime === null ? null : total - evalTime),
    tpotSeconds: seconds(paceOf(evalTime, evalCount)),
    loadSeconds: seconds(load),
    promptTokens: promptCount,
    completionTokens: evalCount,
  }
}

function seconds(nanoseconds: number | null): number | null {
  return nanoseconds === null ? null : nanoseconds * nanosecond
}

/** As Ollama's own rate: the time of all tokens over their number. One token has none. */
function paceOf(evalTime: number | null, evalCount: number | null): number | null {
  return evalTime === null || evalCount === null || evalCount < 2 ? null : evalTime / evalCount
}

const fields = [
  'total_duration',
  'load_duration',
  'eval_duration',
  'prompt_eval_count',
  'eval_count',
] as const

/** Counts are kept in 32 bits; nanoseconds are whole and exact in a double for three months. */
function isAmountOrNull(value: unknown, index: number): value is number | null {
  if (value === null) return true
  const isCount = index >= 3
  return Number.isSafeInteger(value) && Number(value) >= 0 && (!isCount || Number(value) < 2 ** 32)
}
