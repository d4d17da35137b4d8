// Why a mean over segments moved: other traffic (mix) or other answers to the same traffic (rate).

/** A segment's share of the traffic and its mean, before and after. */
export interface SegmentShift {
  readonly shareBefore: number
  readonly shareAfter: number
  readonly meanBefore: number
  readonly meanAfter: number
}

/** Parts of the difference of the two overall means; they add up to it. */
export interface MixShift {
  readonly total: number
  readonly mix: number
  readonly rate: number
}

/** Kitagawa's decomposition (1955). */
export function mixShift(segments: readonly SegmentShift[]): MixShift {
  const sum = (of: (segment: SegmentShift) => number) =>
    segments.reduce((total, segment) => total + of(segment), 0)
  const mix = sum(
    ({ shareBefore, shareAfter, meanBefore, meanAfter }) =>
      ((shareAfter - shareBefore) * (meanBefore + meanAfter)) / 2,
  )
  const rate = sum(
    ({ shareBefore, shareAfter, meanBefore, meanAfter }) =>
      ((meanAfter - meanBefore) * (shareBefore + shareAfter)) / 2,
  )
  return { total: mix + rate, mix, rate }
}
