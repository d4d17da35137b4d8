// Judged text is data. It is put between tags that nobody could have written in advance, and nothing in
// it can close them or speak in the judge's own control tokens.
import { randomBytes } from 'node:crypto'

/** A piece of judged text and what it is. */
export interface Block {
  readonly name: 'prompt' | 'answer' | 'reference' | 'context' | 'first' | 'second'
  readonly text: string
}

/** Longest block shown to the judge, in characters; of longer ones the middle is left out. */
export const longestBlock = 24_000

/** A code for the tags of one request: 64 random bits, so no judged text can contain it but by copying. */
export function fenceCode(): string {
  return randomBytes(8).toString('hex')
}

/** The blocks, each between tags that carry the code. */
export function fence(blocks: readonly Block[], code: string): string {
  return blocks
    .map(({ name, text }) => `<${name}-${code}>\n${escapeJudged(text)}\n</${name}-${code}>`)
    .join('\n')
}

/**
 * Text that can neither close a tag nor open one of ours, nor be read by a tokenizer as a control token
 * (`<|im_end|>`, `[INST]`, `<start_of_turn>`): a zero-width joiner keeps it readable and breaks the match.
 */
export function escapeJudged(text: string): string {
  return shortened(text)
    .replaceAll('\r\n', '\n')
    .replaceAll(unprintable, '')
    .replaceAll('</', `<${joiner}/`)
    .replaceAll(/<(?=[|｜])/g, `<${joiner}`)
    .replaceAll(/(?<=[|｜])>/g, `${joiner}>`)
    .replaceAll(ourTags, (tag) => `<${joiner}${tag.slice(1)}`)
    .replaceAll(controlWords, (token) => `${token.slice(0, 1)}${joiner}${token.slice(1)}`)
}

const joiner = '\u200d'
// eslint-disable-next-line no-control-regex -- control characters are what it removes
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f]/g
const ourTags = /<\s*(?:prompt|answer|reference|context|first|second)\b/gi
const controlWords =
  /\[\/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS)\]|<{1,2}(?:SYS|s|bos|eos|start_of_turn|end_of_turn|unused\d+)>{1,2}/gi

function shortened(text: string): string {
  if (text.length <= longestBlock) return text
  const half = longestBlock / 2
  const left = text.length - longestBlock
  return `${text.slice(0, half)}\n[${left} characters left out]\n${text.slice(-half)}`
}
