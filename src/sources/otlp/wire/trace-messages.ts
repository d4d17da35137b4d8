// opentelemetry/proto/trace/v1 and what all signals share, as far as it is used here.
import { attributes } from './any-value.ts'
import { list, one, plain } from './fields.ts'
import { message, type Message } from './message.ts'
import { idScalar, textScalar, timeScalar, uintScalar } from './scalars.ts'

type ValueOf<Type> = Type extends Message<infer Value> ? Value : never

export const resource = message({ attributes: attributes(1) })
export const scope = message({ name: plain(1, textScalar), version: plain(2, textScalar) })

const spanEvent = message({
  timeUnixNano: plain(1, timeScalar),
  name: plain(2, textScalar),
  attributes: attributes(3),
})

const status = message({ message: plain(2, textScalar), code: plain(3, uintScalar) })

const span = message({
  traceId: plain(1, idScalar),
  spanId: plain(2, idScalar),
  parentSpanId: plain(4, idScalar),
  name: plain(5, textScalar),
  kind: plain(6, uintScalar),
  startTimeUnixNano: plain(7, timeScalar),
  endTimeUnixNano: plain(8, timeScalar),
  attributes: attributes(9),
  events: list(11, spanEvent),
  status: one(15, status),
})

const scopeSpans = message({ scope: one(1, scope), spans: list(2, span) })
const resourceSpans = message({ resource: one(1, resource), scopeSpans: list(2, scopeSpans) })

export const traceRequest = message({ resourceSpans: list(1, resourceSpans) })

/** Times are epoch milliseconds, whatever the field is called. */
export type Span = ValueOf<typeof span>
export type TraceRequest = ValueOf<typeof traceRequest>
