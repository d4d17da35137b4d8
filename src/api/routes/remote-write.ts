import {
  createRemoteWrite,
  mostBodyBytes,
  partialRefusal,
} from '../../sources/remote-write/remote-write.ts'
import type { ApiContext } from '../context.ts'
import type { ApiRequest, Route } from '../http.ts'

/** Prometheus remote write. 204 once everything is durable; 4xx makes senders drop, 503 makes them try again. */
export function remoteWriteRoutes(context: ApiContext): readonly Route[] {
  const remoteWrite = createRemoteWrite(context)
  return [
    {
      method: 'POST',
      path: '/api/v1/write',
      access: 'operator_or_ingest',
      mostBytes: mostBodyBytes,
      answer: async (c) => {
        countWritten(c, 0)
        const { samplesWritten, refusal } = await remoteWrite.write(
          new Uint8Array(await c.req.arrayBuffer()),
          {
            contentType: c.req.header('content-type'),
            contentEncoding: c.req.header('content-encoding'),
          },
        )
        countWritten(c, samplesWritten)
        if (refusal !== null) throw partialRefusal(refusal)
        return c.body(null, 204)
      },
    },
  ]
}

/** Senders of version 2 take an answer without these for that of a receiver that did not understand them. */
function countWritten(c: ApiRequest, samples: number): void {
  c.header('X-Prometheus-Remote-Write-Samples-Written', String(samples))
  c.header('X-Prometheus-Remote-Write-Histograms-Written', '0')
  c.header('X-Prometheus-Remote-Write-Exemplars-Written', '0')
}
