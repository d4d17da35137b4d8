import { createHash } from 'node:crypto'

/**
 * Chained hashes of the prompt's full blocks of `blockTokens` words: equal keys mean equal prompts up to there.
 * The last word is left out, because an engine computes at least one token.
 */
export function prefixKeys(prompt: string, blockTokens: number): string[] {
  const words = prompt.split(/\s+/).filter((word) => word !== '')
  const blocks = Math.floor(Math.max(0, words.length - 1) / blockTokens)
  const keys: string[] = []
  for (let block = 0; block < blocks; block += 1) {
    const text = words.slice(block * blockTokens, (block + 1) * blockTokens).join(' ')
    keys.push(
      createHash('sha1')
        .update(`${keys.at(-1) ?? ''} ${text}`)
        .digest('base64'),
    )
  }
  return keys
}
