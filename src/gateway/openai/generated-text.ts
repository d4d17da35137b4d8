import { isRecord } from './answer-reading.ts'

/** Text that one choice of an answer, or one delta of a stream, adds. */
export interface GeneratedText {
  /** What a reader sees. */
  readonly content: string
  /** Reasoning, tool names and arguments: generated and paid for, but not the answer. */
  readonly hidden: string
}

/** @param choice an element of `choices`, of a whole answer (`message`, `text`) or a stream (`delta`, `text`) */
export function generatedText(choice: Readonly<Record<string, unknown>>): GeneratedText {
  const message = choice['delta'] ?? choice['message']
  if (!isRecord(message)) return { content: stringOf(choice['text']), hidden: '' }
  return {
    content: stringOf(message['content']) + stringOf(message['refusal']),
    hidden:
      stringOf(message['reasoning'] ?? message['reasoning_content']) +
      toolText(message['tool_calls']) +
      functionText(message['function_call']),
  }
}

function toolText(calls: unknown): string {
  if (!Array.isArray(calls)) return ''
  return calls
    .map((call: unknown) => (isRecord(call) ? functionText(call['function']) : ''))
    .join('')
}

function functionText(call: unknown): string {
  return isRecord(call) ? stringOf(call['name']) + stringOf(call['arguments']) : ''
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
