// opentelemetry/proto/logs/v1, as far as it is used here.
import { anyValue, attributes } from './any-value.ts'
import { list, one, plain } from './fields.ts'
import { message, type Message } from './message.ts'
import { idScalar, textScalar, timeScalar } from './scalars.ts'
import { resource, scope } from './trace-messages.ts'

type ValueOf<Type> = Type extends Message<infer Value> ? Value : never

const logRecord = message({
  timeUnixNano: plain(1, timeScalar),
  body: one(5, anyValue),
  attributes: attributes(6),
  traceId: plain(9, idScalar),
  spanId: plain(10, idScalar),
  observedTimeUnixNano: plain(11, timeScalar),
  eventName: plain(12, textScalar),
})

const scopeLogs = message({ scope: one(1, scope), logRecords: list(2, logRecord) })
const resourceLogs = message({ resource: one(1, resource), scopeLogs: list(2, scopeLogs) })

export const logsRequest = message({ resourceLogs: list(1, resourceLogs) })

/** Times are epoch milliseconds, whatever the field is called. */
export type LogRecord = ValueOf<typeof logRecord>
export type LogsRequest = ValueOf<typeof logsRequest>
