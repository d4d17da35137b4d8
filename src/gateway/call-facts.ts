import type { CallOperation, CallOutcome, MachineState } from '../records/call.ts'
import type { Generation, Route } from './generation.ts'
import type { InferenceRequest } from './openai/inference-request.ts'
import type { StreamMeter } from './openai/stream-meter.ts'

/** What is known of a call while it runs; becomes a `Call` once it is over. Times are monotonic milliseconds. */
export interface CallFacts {
  readonly callId: string
  readonly traceId: string
  /** The client's span; empty where the client has no trace. */
  readonly parentSpanId: string
  readonly spanId: string
  readonly traceParent: string
  /** Epoch milliseconds. */
  readonly startedAtMs: number
  readonly arrivedAt: number
  readonly operation: CallOperation
  readonly tenant: string
  readonly routeName: string
  readonly template: string
  readonly templateVersion: string
  generation: Generation
  request: InferenceRequest | null
  route: Route | null
  /** A judge at work: never sampled, or each verdict would be judged in turn. */
  readonly isEvaluation: boolean
  /** Our own probe: never sampled, and recorded apart from the calls of users. */
  readonly isProbe: boolean
  /** `null` until the model is known. */
  samplingProbability: number | null
  isSampled: boolean
  grantedAt: number | null
  /** Empty until dispatched. */
  copy: string
  machine: MachineState
  status: number
  /** `null` while nothing is decided. */
  outcome: CallOutcome | null
  errorType: string
  errorMessage: string
  /** Id that the model server gave its answer; empty until it is read. */
  responseId: string
  endedAt: number
  /** Reads a streamed answer. */
  stream: StreamMeter | null
  /** An answer that is not streamed, as it came; read after the client has it. */
  body: Buffer[]
  /** Content coding of `body`. */
  bodyEncoding: string
  /** `false` when the answer was too large to be kept for reading. */
  isBodyWhole: boolean
}

export const unknownMachine: MachineState = {
  gpuIds: [],
  requestsRunning: null,
  requestsWaiting: null,
  kvCacheUsage: null,
  gpuDuty: null,
  gpuTemperatureCelsius: null,
}
