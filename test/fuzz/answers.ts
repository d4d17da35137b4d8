// Whether the answer to a case is one that the protocol knows and a person can act on.
import { treeOf, type Node } from './protobuf-tree.ts'
import type { Shape } from './shapes.ts'
import type { FuzzCase } from './fuzz-case.ts'

/** How a case ended; `partial` was taken in part, with words about the rest. */
export type Ending = 'taken' | 'partial' | 'refused'

export interface Judged {
  readonly ending: Ending
  /** What is wrong with the answer; empty = nothing. */
  readonly complaints: readonly string[]
}

/** Judges status and body of an answer. */
export async function judgeAnswer(one: FuzzCase, answer: Response): Promise<Judged> {
  const body = Buffer.from(await answer.arrayBuffer())
  const { ending, complaints } = read(one, answer, body)
  const { soundness } = one
  const { status } = answer
  return {
    ending,
    complaints: [
      ...complaints,
      ...(status >= 500 ? [`status ${status}: ${body.toString().slice(0, 200)}`] : []),
      ...(body.length > mostAnswerBytes ? [`an answer of ${body.length} bytes`] : []),
      ...(soundness === 'broken' && status < 400 ? [`a broken body was taken with ${status}`] : []),
      ...(soundness === 'sound' && status !== 200
        ? [`a sound body was refused: ${status} ${body.toString().slice(0, 200)}`]
        : []),
    ],
  }
}

/** Rows are answered one by one; all else fits into a few sentences. */
const mostAnswerBytes = 6_000_000
const mostMessage = 2_000

function read({ door }: FuzzCase, answer: Response, body: Buffer): Judged {
  if (door === 'write') return readWrite(answer, body)
  if (door === 'calls' || door === 'scores') return readRows(answer, body)
  return readOtlp(answer, body)
}

const status: Shape = { code: { number: 1, type: 'varint' }, message: { number: 2, type: 'text' } }
const response: Shape = {
  partialSuccess: {
    number: 1,
    type: () => ({
      rejected: { number: 1, type: 'varint' },
      errorMessage: { number: 2, type: 'text' },
    }),
  },
}

function readOtlp(answer: Response, body: Buffer): Judged {
  const type = answer.headers.get('content-type')
  if (type !== 'application/json' && type !== 'application/x-protobuf') {
    return unreadable(`content-type ${type}`)
  }
  const isJson = type === 'application/json'
  return answer.status === 200 ? readSuccess(body, isJson) : readFailure(body, isJson)
}

function readFailure(body: Buffer, isJson: boolean): Judged {
  const { code, message } = isJson
    ? jsonObject(body)
    : textsOf(treeOf(body, status), ['code', 'message'])
  const codeComplaints = Number(code) > 0 ? [] : [`code ${String(code)}`]
  return { ending: 'refused', complaints: [...complaintOfMessage(message), ...codeComplaints] }
}

/** Without a word everything was taken; a partial success says why. */
function readSuccess(body: Buffer, isJson: boolean): Judged {
  const partial = isJson ? jsonObject(body)['partialSuccess'] : treeOf(body, response)[0]?.children
  if (partial === undefined || partial === null) return { ending: 'taken', complaints: [] }
  const { errorMessage } = Array.isArray(partial)
    ? textsOf(partial, ['rejected', 'errorMessage'])
    : { errorMessage: undefined, ...partial }
  return { ending: 'partial', complaints: complaintOfMessage(errorMessage) }
}

/** Fields 1 and 2 by the names given. */
function textsOf(
  nodes: readonly Node[],
  names: readonly [string, string],
): Record<string, unknown> {
  return Object.fromEntries(
    nodes.map(({ number, wire, bytes }) => [
      names[number - 1] ?? '',
      wire === 0 ? bytes[0] : bytes.toString(),
    ]),
  )
}

function readWrite(answer: Response, body: Buffer): Judged {
  const written = Number(answer.headers.get('x-prometheus-remote-write-samples-written') ?? NaN)
  // What is turned away before it is read says nothing of counts.
  const countComplaints =
    Number.isInteger(written) || answer.status === 413 ? [] : ['no count of what was written']
  if (answer.status === 204) return { ending: 'taken', complaints: countComplaints }
  const complaints = [...countComplaints, ...complaintOfError(body)]
  return { ending: written > 0 ? 'partial' : 'refused', complaints }
}

function readRows(answer: Response, body: Buffer): Judged {
  const json = jsonObject(body)
  if ('error' in json) return { ending: 'refused', complaints: complaintOfError(body) }
  const { accepted, duplicates, rejected } = json
  if (typeof accepted !== 'number' || typeof duplicates !== 'number' || !Array.isArray(rejected)) {
    return unreadable(`rows answered with ${body.toString().slice(0, 100)}`)
  }
  const reasons = rejected
    .slice(0, 5)
    .flatMap((row: { expected?: unknown }) => complaintOfMessage(row.expected))
  if (answer.status !== 200) return { ending: 'refused', complaints: reasons }
  return { ending: rejected.length > 0 ? 'partial' : 'taken', complaints: reasons }
}

function complaintOfError(body: Buffer): string[] {
  const { error } = jsonObject(body)
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined
  return complaintOfMessage(message)
}

function complaintOfMessage(message: unknown): string[] {
  if (typeof message !== 'string' || message.trim() === '') return ['no message says why']
  return message.length > mostMessage ? [`a message of ${message.length} characters`] : []
}

function unreadable(complaint: string): Judged {
  return { ending: 'refused', complaints: [complaint] }
}

function jsonObject(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(body.toString())
    return typeof json === 'object' && json !== null ? { ...json } : {}
  } catch {
    return {}
  }
}
