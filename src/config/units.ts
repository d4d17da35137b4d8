import { z } from 'zod'

/** A number written with its unit, e.g. `10s`: `factors` maps each accepted unit to the base unit. */
function quantity(what: string, factors: Readonly<Record<string, number>>, example: string) {
  const units = Object.keys(factors)
    .map((unit) => (unit === '' ? 'or none' : unit))
    .join(', ')
  return z
    .union([z.string(), z.number()])
    .transform((text, context) => {
      const match = /^\s*(-?\d+(?:\.\d+)?)\s*([A-Za-z%$/]*)\s*$/.exec(String(text))
      const factor = match?.[2] === undefined ? undefined : factors[match[2]]
      if (match?.[1] === undefined || factor === undefined) {
        context.addIssue({
          code: 'custom',
          message: `expected ${what} with a unit (${units}), for example ${example}`,
        })
        return z.NEVER
      }
      // Dividing keeps 70% at 0.7, where multiplying by 0.01 makes 0.7000000000000001 of it.
      return factor < 1 ? Number(match[1]) / (1 / factor) : Number(match[1]) * factor
    })
    .meta({ unit: what, example })
}

const msPerUnit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const bytesPerUnit = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
}

/** `10s` to milliseconds. */
export const durationMs = quantity('a duration', msPerUnit, '10s').refine((ms) => ms >= 0, {
  message: 'a duration cannot be negative',
})

/** `80GiB` to bytes. */
export const sizeBytes = quantity('a size', bytesPerUnit, '80GiB').refine((bytes) => bytes >= 0, {
  message: 'a size cannot be negative',
})

/** `5%` or `0.05` to a ratio in [0,1]. */
export const ratio = quantity('a share', { '%': 0.01, '': 1 }, '5%').refine(
  (share) => share >= 0 && share <= 1,
  { message: 'a share lies between 0% and 100%' },
)

/** `5.752 $/h` to US dollars an hour. */
export const usdPerHour = quantity('a price', { '$/h': 1, 'USD/h': 1 }, '5.752 $/h').refine(
  (usd) => usd >= 0,
  { message: 'a price cannot be negative' },
)

/** `2 $` to US dollars. */
export const usd = quantity('an amount', { $: 1, USD: 1 }, '2 $').refine((amount) => amount >= 0, {
  message: 'an amount cannot be negative',
})
