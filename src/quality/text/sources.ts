import { z } from 'zod'
import { plainUrl } from './citations.ts'

/** What an answer may cite. */
export interface Source {
  /** Numbers, ids and URLs under which it may be cited. */
  readonly ids: readonly string[]
  /** Empty where only its address is known. */
  readonly text: string
}

/** Sources of a call: the attribute `sources`, else the parts of `context`. Numbered from 1. */
export function sourcesOf(attributes: Readonly<Record<string, string>>): readonly Source[] {
  const listed = attributes['sources'] ?? ''
  if (listed.trim() !== '') return listedSources(listed)
  return partsOf(attributes['context'] ?? '')
}

const entrySchema = z.union([
  z.string(),
  z.looseObject({
    id: z.union([z.string(), z.number()]).nullish(),
    url: z.string().nullish(),
    title: z.string().nullish(),
    text: z.string().nullish(),
  }),
])

function listedSources(json: string): readonly Source[] {
  const list = z.array(entrySchema).safeParse(parsed(json))
  // Not a list: the attribute is the text itself.
  if (!list.success) return partsOf(json)
  return list.data.map((entry, index) => {
    if (typeof entry === 'string') return source(String(index + 1), entry)
    const text = [entry.title, entry.text].filter(Boolean).join('. ')
    const plain = source(String(entry.id ?? index + 1), entry.text ? text : '')
    return typeof entry.url === 'string'
      ? { ...plain, ids: [...plain.ids, plainUrl(entry.url)] }
      : plain
  })
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** Parts that open with [1], [2], … where there are some, else paragraphs in order. */
function partsOf(context: string): readonly Source[] {
  const marked = [
    ...context.matchAll(/(?:^|\n)[ \t]*\[(\d{1,3})\]:?((?:(?!\n[ \t]*\[\d)[\s\S])*)/g),
  ]
  if (marked.length > 0)
    return marked.map((match) => source(match[1] ?? '', (match[2] ?? '').trim()))
  const paragraphs = context.split(/\n[ \t\r]*\n/).filter((part) => part.trim() !== '')
  return paragraphs.map((part, index) => source(String(index + 1), part))
}

/** A source can be cited by each URL that stands in it, too; one that is nothing but a URL has no text. */
function source(id: string, text: string): Source {
  const urls = [...text.matchAll(/https?:\/\/[^\s<>"'`\])]+/g)].map(([url]) => plainUrl(url))
  const prose = text.replaceAll(/https?:\/\/\S+/g, ' ')
  return { ids: [id, ...urls], text: /[\p{L}\p{N}]/u.test(prose) ? text : '' }
}
