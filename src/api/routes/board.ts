import { cachedBoards } from '../board/board-cache.ts'
import { loadBoard } from '../board/load-board.ts'
import { boardWindow } from '../board/request.ts'
import type { ApiContext } from '../context.ts'
import type { ApiRequest } from '../http.ts'
import { boardCalibration, sharedCalibration } from '../quality/board-calibration.ts'

/** `GET /api/v1/board`. */
export function boardRoute(context: ApiContext): (c: ApiRequest) => Promise<Response> {
  const calibration = sharedCalibration(
    (query) => boardCalibration(context.store, query),
    context.now,
  )
  const boards = cachedBoards((window) => loadBoard(context, window, calibration), context.now)
  return async (c) => {
    const query = {
      from: c.req.query('from'),
      to: c.req.query('to'),
      step: c.req.query('step'),
      models: c.req.query('models'),
    }
    return c.json(await boards(boardWindow(context.config().project, query, context.now())))
  }
}
