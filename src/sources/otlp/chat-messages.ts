// Messages of a conversation, from whichever form they were reported in, in the form of the chat API.
import { asText, isList, isMap, structureOf } from './facts.ts'
import type { AnyValue, Attributes } from './wire/any-value.ts'

export interface ChatMessage {
  readonly role: string
  /** Text, or the parts themselves where some are not text: what is not understood is kept. */
  readonly content: AnyValue
}

/** `[{role, parts: [{type, content}]}]` of today and `[{role, content}]` of before, as such or as JSON text. */
export function messagesOf(value: AnyValue): readonly ChatMessage[] {
  const structure = structureOf(value)
  if (!isList(structure)) return []
  return structure.filter(isMap).map((message) => ({
    role: asText(message['role']),
    content: contentOf(message),
  }))
}

/** `gen_ai.prompt.0.role`, `llm.input_messages.0.message.content`, `….contents.0.message_content.text`. */
export function flattenedMessages(attributes: Attributes, prefix: string): readonly ChatMessage[] {
  return [...flattened(attributes, prefix)]
    .toSorted(([a], [b]) => a - b)
    .map(([, fields]) => ({
      role: asText(fields.get('message.role') ?? fields.get('role')),
      content: flattenedContent(fields),
    }))
}

/** Fields by index of `<prefix>.<index>.<field>`. */
export function flattened(
  attributes: Attributes,
  prefix: string,
): ReadonlyMap<number, Map<string, AnyValue>> {
  const items = new Map<number, Map<string, AnyValue>>()
  for (const [key, value] of attributes) {
    if (!key.startsWith(`${prefix}.`)) continue
    const match = /^(\d{1,4})\.(.+)$/.exec(key.slice(prefix.length + 1))
    if (match === null) continue
    const index = Number(match[1])
    const fields = items.get(index) ?? new Map<string, AnyValue>()
    items.set(index, fields.set(match[2] ?? '', value))
  }
  return items
}

/** What a reader sees of a message: its text, without calls of tools and unknown parts. */
export function visibleText({ content }: ChatMessage): string {
  if (!isList(content)) return typeof content === 'string' ? content : ''
  return content.map(partText).join('')
}

function contentOf(message: Readonly<Record<string, AnyValue>>): AnyValue {
  const parts = message['parts'] ?? message['content'] ?? ''
  if (!isList(parts)) return parts
  return parts.every(isTextPart) ? parts.map(partText).join('') : parts
}

const isTextPart = (part: AnyValue) =>
  typeof part === 'string' || (isMap(part) && (part['type'] ?? 'text') === 'text')

function partText(part: AnyValue): string {
  if (typeof part === 'string') return part
  if (!isMap(part) || (part['type'] ?? 'text') !== 'text') return ''
  return asText(part['content'] ?? part['text'])
}

function flattenedContent(fields: ReadonlyMap<string, AnyValue>): AnyValue {
  const whole = fields.get('message.content') ?? fields.get('content')
  if (whole !== undefined && whole !== '') return contentOf({ content: structureOf(whole) })
  return [...fields]
    .filter(([key]) => /^message\.contents\.\d+\.message_content\.text$/.test(key))
    .map(([, text]) => asText(text))
    .join('')
}
