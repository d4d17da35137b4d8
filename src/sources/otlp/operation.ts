// Which spans are inferences, and of what kind.
import type { CallOperation } from '../../records/call.ts'
import { textOf } from './facts.ts'
import { names } from './names.ts'
import type { Attributes } from './wire/any-value.ts'

export type SpanRole =
  | { readonly kind: 'call'; readonly operation: CallOperation }
  /** Part of the same trace, but no inference: a tool, an agent, a database. */
  | { readonly kind: 'other'; readonly reason: string }

/** Reads it off the newest naming that says it; without any, a span that names a model is an inference. */
export function roleOf(name: string, attributes: Attributes): SpanRole {
  for (const [attribute, operations] of sayings) {
    const said = textOf(attributes, [attribute]).toLowerCase()
    if (said === '') continue
    const operation = operations[said]
    return operation === undefined
      ? { kind: 'other', reason: `${attribute}=${isKnown(said) ? said : 'other'}` }
      : { kind: 'call', operation }
  }
  const model = textOf(attributes, [...names.requestModel, ...names.responseModel])
  if (model === '') return { kind: 'other', reason: 'no_model' }
  return { kind: 'call', operation: operationOfName(name) }
}

type Operations = Readonly<Record<string, CallOperation | undefined>>

const sayings: readonly (readonly [string, Operations])[] = [
  [
    'gen_ai.operation.name',
    {
      chat: 'chat',
      generate_content: 'chat',
      text_completion: 'completion',
      completion: 'completion',
      embeddings: 'embedding',
      embedding: 'embedding',
    },
  ],
  ['openinference.span.kind', { llm: 'chat', embedding: 'embedding' }],
  ['llm.request.type', { chat: 'chat', completion: 'completion', embedding: 'embedding' }],
  ['traceloop.span.kind', {}],
]

/** What may stand in a reason: reasons are counted by name, and names must be few. */
function isKnown(said: string): boolean {
  return otherOperations.has(said)
}

const otherOperations = new Set([
  'retrieval',
  'execute_tool',
  'create_agent',
  'invoke_agent',
  'invoke_workflow',
  'plan',
  'fetch_response',
  'chain',
  'retriever',
  'reranker',
  'rerank',
  'tool',
  'agent',
  'guardrail',
  'evaluator',
  'prompt',
  'workflow',
  'task',
])

function operationOfName(name: string): CallOperation {
  if (/embed/i.test(name)) return 'embedding'
  return /(?<!chat[ ._-]?)completion/i.test(name) && !/chat/i.test(name) ? 'completion' : 'chat'
}
