// Repeatable randomness for resampling, simulation and the lab.

/** A stream of pseudo-random draws that its seed determines. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** Uniform integer in [0, bound). */
  below(bound: number): number
  chance(probability: number): boolean
  pick<Item>(items: readonly Item[]): Item
  /** Standard normal. */
  normal(): number
  /** Gamma with mean `shape * scale`. */
  gamma(shape: number, scale: number): number
  /** Beta with mean `a / (a + b)`. */
  beta(a: number, b: number): number
}

/** A generator whose draws depend on the seed alone: the same seed gives the same draws on every machine. */
export function createRandom(seed: number | string): Random {
  const next = uniform(hash32(String(seed)))
  const random: Random = {
    next,
    below: (bound) => Math.floor(next() * bound),
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[Math.floor(next() * items.length)]
      if (item === undefined) throw new Error('Cannot pick from an empty list.')
      return item
    },
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    gamma: (shape, scale) => gamma(random, shape) * scale,
    beta(a, b) {
      const x = gamma(random, a)
      return x / (x + gamma(random, b))
    },
  }
  return random
}

/** FNV-1a, 32 bits: spreads texts over seeds. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}

/** A 32-bit Weyl sequence through an avalanche (the splitmix construction). */
function uniform(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

/** Marsaglia and Tsang (2000); shapes below one are boosted by a power of a uniform. */
function gamma(random: Random, shape: number): number {
  if (!(shape > 0)) throw new RangeError(`a shape is positive, not ${shape}`)
  if (shape < 1) return gamma(random, shape + 1) * (1 - random.next()) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = random.normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random.next()) < (x * x) / 2 + d - d * v + d * Math.log(v))
      return d * v
  }
}
