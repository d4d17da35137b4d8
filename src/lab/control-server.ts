import type { IncomingMessage } from 'node:http'
import { UserError } from '../records/failure.ts'
import { listenOnLoopback, readJson, sendJson, type LoopbackServer } from './loopback-server.ts'

/** What the lab lets people do from outside. */
export interface LabControls {
  state(): unknown
  /** Throws a `UserError` on a request that is none. */
  injectFault(request: unknown): unknown
  clearFaults(): void
}

/** `GET /` state, `POST /faults` with `{kind, durationSeconds?, ...}`, `DELETE /faults`. */
export async function startControlServer(
  port: number,
  controls: LabControls,
): Promise<LoopbackServer> {
  return listenOnLoopback(port, async (request, response) => {
    refuseBrowsers(request)
    switch (`${request.method} ${request.url}`) {
      case 'GET /':
        return sendJson(response, 200, controls.state())
      case 'POST /faults':
        return sendJson(response, 201, controls.injectFault(await readJson(request)))
      case 'DELETE /faults':
        controls.clearFaults()
        return sendJson(response, 200, controls.state())
      default:
        throw new UserError('Not found. There is GET /, POST /faults and DELETE /faults.', {
          status: 404,
        })
    }
  })
}

/** A web page must not be able to break somebody's lab: pages send Origin, command lines do not. */
function refuseBrowsers(request: IncomingMessage): void {
  if (request.headers.origin === undefined) return
  throw new UserError('The lab takes no requests from web pages.', { status: 403 })
}
