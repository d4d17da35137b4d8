// What was asked and answered: from attributes of the span, from its events and from log records beside it.
import type { CallOperation } from '../../records/call.ts'
import {
  flattened,
  flattenedMessages,
  messagesOf,
  visibleText,
  type ChatMessage,
} from './chat-messages.ts'
import { asText, isList, isMap, structureOf, textOf, valueOf } from './facts.ts'
import { names } from './names.ts'
import type { AnyValue, Attributes } from './wire/any-value.ts'

/** A span event, or a log record of the same span with the fields of its body among its attributes. */
export interface ContentEvent {
  readonly name: string
  readonly attributes: Attributes
}

/** Holds what the span holds: attributes of an inference, for those that keep content off their spans. */
export const detailsEvent = 'gen_ai.client.inference.operation.details'

/** Events that carry content, of all generations. */
export function isContentEvent(name: string): boolean {
  return name === detailsEvent || name.startsWith('gen_ai.content.') || messageEvent.test(name)
}

const messageEvent = /^gen_ai\.(?:(system|user|assistant|tool)\.message|choice)$/

/** What was asked, as the chat API has it: JSON of `messages`, else plain text. Empty when it was not reported. */
export function promptOf(
  attributes: Attributes,
  events: readonly ContentEvent[],
  operation: CallOperation,
): string {
  const sets = attributeSets(attributes, events)
  const messages = firstFilled([
    ...sets.map((set) => [...systemMessages(set), ...messagesOf(valueOf(set, inputMessages))]),
    ...sets.map((set) => flattenedMessages(set, 'gen_ai.prompt')),
    ...sets.map((set) => flattenedMessages(set, 'llm.input_messages')),
    events.flatMap(promptMessage),
    ...sets.map((set) => messagesOf(valueOf(set, ['gen_ai.prompt']))),
  ])
  if (messages.length > 0) return JSON.stringify(messages)
  const textNames = operation === 'embedding' ? [...embeddingTexts, ...plainInputs] : plainInputs
  return firstText(sets, textNames)
}

/** What was answered, as a reader sees it; of several choices the first. Empty when it was not reported. */
export function answerOf(attributes: Attributes, events: readonly ContentEvent[]): string {
  const sets = attributeSets(attributes, events)
  const messages = firstFilled([
    ...sets.map((set) => messagesOf(valueOf(set, ['gen_ai.output.messages']))),
    ...sets.map((set) => flattenedMessages(set, 'gen_ai.completion')),
    ...sets.map((set) => flattenedMessages(set, 'llm.output_messages')),
    events.filter((event) => event.name === 'gen_ai.choice').map(choiceMessage),
    ...sets.map((set) => messagesOf(valueOf(set, ['gen_ai.completion']))),
  ])
  const [first] = messages
  return first === undefined ? firstText(sets, plainOutputs) : visibleText(first)
}

/** Why the answer ended; of several choices the first. */
export function finishReasonOf(attributes: Attributes, events: readonly ContentEvent[]): string {
  for (const set of attributeSets(attributes, events)) {
    const reasons = structureOf(valueOf(set, names.finishReasons))
    const [output] = asList(structureOf(valueOf(set, ['gen_ai.output.messages'])))
    const reason =
      asText(isList(reasons) ? reasons[0] : reasons) ||
      textOf(set, names.finishReason) ||
      asText(flattened(set, 'gen_ai.completion').get(0)?.get('finish_reason')) ||
      asText(isMap(output) ? output['finish_reason'] : '')
    if (reason !== '') return reason
  }
  const choice = events.find((event) => event.name === 'gen_ai.choice')
  return choice === undefined ? '' : textOf(choice.attributes, ['finish_reason'])
}

const inputMessages = ['gen_ai.input.messages']
const embeddingTexts = ['embedding.embeddings.0.embedding.text', 'embedding.text']
const plainInputs = ['gen_ai.prompt', 'input.value', 'traceloop.entity.input']
const plainOutputs = ['gen_ai.completion', 'output.value', 'traceloop.entity.output']

/** The span's own attributes first, then those of events that repeat them. */
function attributeSets(attributes: Attributes, events: readonly ContentEvent[]): Attributes[] {
  const repeating = events.filter((event) => !messageEvent.test(event.name))
  return [attributes, ...repeating.map((event) => event.attributes)]
}

function systemMessages(attributes: Attributes): readonly ChatMessage[] {
  const parts = structureOf(valueOf(attributes, ['gen_ai.system_instructions']))
  if (parts === null || parts === '') return []
  return messagesOf([{ role: 'system', parts: isList(parts) ? parts : [asText(parts)] }])
}

function promptMessage({ name, attributes }: ContentEvent): readonly ChatMessage[] {
  const role = messageEvent.exec(name)?.[1]
  if (role === undefined) return []
  const content = structureOf(valueOf(attributes, ['content']))
  return messagesOf([{ role: textOf(attributes, ['role']) || role, content }])
}

function choiceMessage({ attributes }: ContentEvent): ChatMessage {
  const message = structureOf(valueOf(attributes, ['message']))
  const content = isMap(message) ? (message['content'] ?? '') : message
  const given = content ?? valueOf(attributes, ['content'])
  const [first] = messagesOf([{ role: 'assistant', content: structureOf(given) }])
  return first ?? { role: 'assistant', content: '' }
}

function asList(value: AnyValue): readonly AnyValue[] {
  return isList(value) ? value : []
}

function firstFilled(candidates: readonly (readonly ChatMessage[])[]): readonly ChatMessage[] {
  return candidates.find((messages) => messages.length > 0) ?? []
}

function firstText(sets: readonly Attributes[], textNames: readonly string[]): string {
  return sets.map((set) => textOf(set, textNames)).find((text) => text !== '') ?? ''
}
