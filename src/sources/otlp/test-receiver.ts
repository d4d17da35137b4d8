// For tests: a receiver without HTTP, and spans as short objects.
import type { Accept, RecordKind, RecordKinds } from '../../records/record-kind.ts'
import { RetryableError } from '../../records/failure.ts'
import { configSchema } from '../../config/schema.ts'
import { buildFleet } from '../../fleet/topology.ts'
import { createAcceptOnce } from '../../spool/accept-once.ts'
import { createKeyMemory } from '../../spool/key-memory.ts'
import type { KnownCall } from './recent-calls.ts'
import { createOtlpReceiver, type OtlpReceiver } from './receiver.ts'
import { settingsOf, type Settings } from './settings.ts'
import type { WaitingVerdicts } from './waiting-verdicts.ts'
import type { Outcome, Signal } from './wire/export-answer.ts'

export const testNowMs = Date.UTC(2026, 5, 1, 12)

const config = configSchema.parse({
  project: 'p',
  gateway: { sampling: '50%' },
  fleet: {
    nodes: [
      {
        name: 'n1',
        accelerators: { model: 'NVIDIA L4', count: 2, memoryGiB: 24, uuids: ['GPU-aa', 'GPU-bb'] },
        price: { perHour: '2 $/h', source: 'a test', date: '2026-01-01' },
      },
    ],
    components: [
      {
        name: 'llama',
        model: 'llama-3',
        modelVersion: 'v7',
        sampling: '100%',
        copies: [{ id: 'llama-1', url: 'http://10.0.0.9:8000', node: 'n1', gpus: [0] }],
      },
    ],
  },
})

export const testSettings: Settings = {
  ...settingsOf({
    config,
    fleet: buildFleet(config.fleet),
    gatewayUrl: 'http://127.0.0.1:4601',
  }),
  nowMs: testNowMs,
}

type Accepted = { readonly [Kind in RecordKind]?: RecordKinds[Kind][] }

export interface TestOtlp {
  readonly receiver: OtlpReceiver
  readonly calls: RecordKinds['calls'][]
  readonly scores: RecordKinds['scores'][]
  readonly samples: RecordKinds['samples'][]
  /** The next records are not accepted. */
  refuseNext(): void
  /** Sends a request as JSON. */
  send(signal: Signal, request: object): Promise<Outcome>
}

const nothingWaiting: WaitingVerdicts = {
  left: [],
  add: () => Promise.resolve(),
  settle: () => undefined,
  close: () => Promise.resolve(),
}

/** @param stored calls that only the store knows */
export function createTestOtlp(
  parts: {
    readonly settings?: Settings
    readonly stored?: readonly KnownCall[]
    /** Keys of calls that the gateway has recorded. */
    readonly passed?: readonly string[]
    readonly waiting?: WaitingVerdicts
  } = {},
): TestOtlp {
  const calls: RecordKinds['calls'][] = []
  const scores: RecordKinds['scores'][] = []
  const samples: RecordKinds['samples'][] = []
  const accepted: Accepted = { calls, scores, samples }
  let isRefusing = false
  const accept: Accept = (kind, records) => {
    if (isRefusing) {
      isRefusing = false
      return Promise.reject(new RetryableError('the disk is full'))
    }
    accepted[kind]?.push(...records)
    return Promise.resolve()
  }
  const receiver = createOtlpReceiver({
    accept,
    once: createAcceptOnce(accept, createKeyMemory(), () => testNowMs),
    findCalls: (ids) =>
      Promise.resolve(
        new Map(
          (parts.stored ?? [])
            .filter(({ callId }) => ids.includes(callId))
            .map((call) => [call.callId, call]),
        ),
      ),
    passedGateway: (keys) =>
      Promise.resolve(new Set(keys.filter((key) => parts.passed?.includes(key)))),
    waiting: parts.waiting ?? nothingWaiting,
    settings: () => parts.settings ?? testSettings,
    now: () => testNowMs,
  })
  const send = async (signal: Signal, request: object) =>
    await receiver.receive(signal, 'json', Buffer.from(JSON.stringify(request)))
  const refuseNext = () => {
    isRefusing = true
  }
  return { receiver, calls, scores, samples, refuseNext, send }
}

export const testTraceId = '5b8efff798038103d269b633813fc60c'
export const testSpanId = 'eee19b7ec3c1b174'

export type Plain = string | number | boolean | readonly Plain[] | { readonly [key: string]: Plain }

/** `KeyValue`s of a plain object. */
export function keyValues(attributes: Readonly<Record<string, Plain>>): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValueOf(value) }))
}

function anyValueOf(value: Plain): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  }
  if (Array.isArray(value))
    return { arrayValue: { values: value.map((one: Plain) => anyValueOf(one)) } }
  return { kvlistValue: { values: keyValues(Object.fromEntries(Object.entries(value))) } }
}

/** Nanoseconds as text. */
export const nanos = (ms: number): string => `${ms}000000`

/** A span of one second that ended just now. */
export function spanOf(attributes: Readonly<Record<string, Plain>>, changes: object = {}): object {
  return {
    traceId: testTraceId,
    spanId: testSpanId,
    name: 'a span',
    startTimeUnixNano: nanos(testNowMs - 1_000),
    endTimeUnixNano: nanos(testNowMs),
    attributes: keyValues(attributes),
    ...changes,
  }
}

export function traceOf(...spans: object[]): object {
  return { resourceSpans: [{ scopeSpans: [{ spans }] }] }
}

export function logsOf(...logRecords: object[]): object {
  return { resourceLogs: [{ scopeLogs: [{ logRecords }] }] }
}

export function metricsOf(resource: Readonly<Record<string, Plain>>, ...metrics: object[]): object {
  return {
    resourceMetrics: [
      { resource: { attributes: keyValues(resource) }, scopeMetrics: [{ metrics }] },
    ],
  }
}
