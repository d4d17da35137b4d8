export const codeLanguages = ['json', 'javascript', 'typescript', 'python'] as const
export type CodeLanguage = (typeof codeLanguages)[number]

export interface CodeBlock {
  readonly language: CodeLanguage
  readonly code: string
}

/** Fenced blocks of an answer whose tag names a language that is known here, in order. */
export function codeBlocksOf(answer: string): readonly CodeBlock[] {
  return [...answer.matchAll(fence)].flatMap(([, , tag = '', code = '']) => {
    const language = languages.get(tag.toLowerCase())
    return language === undefined ? [] : [{ language, code: dedented(code) }]
  })
}

const fence = /(?:^|\n)[ \t]*(```+|~~~+)[ \t]*([\w+-]+)[^\n]*\n([\s\S]*?)(?:\n[ \t]*\1|$)/g

const languages: ReadonlyMap<string, CodeLanguage> = new Map([
  ['json', 'json'],
  ['js', 'javascript'],
  ['javascript', 'javascript'],
  ['mjs', 'javascript'],
  ['cjs', 'javascript'],
  ['node', 'javascript'],
  ['ts', 'typescript'],
  ['typescript', 'typescript'],
  ['mts', 'typescript'],
  ['py', 'python'],
  ['python', 'python'],
  ['python3', 'python'],
])

/** A block in a list is indented as a whole, which Python would not forgive. */
function dedented(code: string): string {
  const lines = code.split('\n')
  const margins = lines
    .filter((line) => line.trim() !== '')
    .map((line) => /^[ \t]*/.exec(line)?.[0].length ?? 0)
  const margin = margins.length === 0 ? 0 : Math.min(...margins)
  return lines.map((line) => line.slice(Math.min(margin, line.length))).join('\n')
}
