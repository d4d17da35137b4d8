// Kinds of field that rows share.
import { z } from 'zod'

/** Years 2000 to 2200: seconds taken for milliseconds fall outside. */
const earliestMs = Date.UTC(2000, 0, 1)
const latestMs = Date.UTC(2200, 0, 1)

/** A time without a zone would mean the zone of whoever reads it. */
const isoTime = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/

const timeMeaning =
  'an ISO time with its zone, such as 2026-01-01T00:00:00Z, or epoch milliseconds, of the years 2000 to 2200'

/** An ISO time with its zone or epoch milliseconds; comes out as epoch milliseconds. */
export const time = z
  .union([z.string(), z.number()], { error: `expected ${timeMeaning}` })
  .transform((value, context): number => {
    const timeMs = typeof value === 'number' ? value : isoTime.test(value) ? Date.parse(value) : NaN
    if (timeMs >= earliestMs && timeMs < latestMs) return Math.floor(timeMs)
    context.addIssue({ code: 'custom', message: `expected ${timeMeaning}` })
    return z.NEVER
  })

/** A name that may be empty. */
export const name = z.string().max(500)

/** A name that must be there. */
export const identifier = z.string().min(1).max(200)

/** A measure that cannot be below zero; `null` = not known. */
export const amount = z.number().min(0).nullable()

/** A count; `null` = not known. */
export const tally = z.int().min(0).max(4_294_967_295).nullable()

/** The caller's own pairs. */
export const words = z.record(z.string().max(200), z.string().max(65_536))
