import { messageOf } from '../../records/failure.ts'
import type { ApiContext } from '../context.ts'
import type { Route } from '../http.ts'

/** One look at the store answers everyone who asks within this time. */
const reuseMs = 2_000

/** `/healthz`: the process answers. `/api/v1/health`: the store answers too. Both tell strangers nothing else. */
export function healthRoutes(context: ApiContext): readonly Route[] {
  let last = { atMs: Number.NEGATIVE_INFINITY, storeAnswers: Promise.resolve(true) }
  const storeAnswers = () => {
    if (context.now() - last.atMs > reuseMs) {
      last = { atMs: context.now(), storeAnswers: askStore(context) }
    }
    return last.storeAnswers
  }
  return [
    { method: 'GET', path: '/healthz', access: 'public', answer: (c) => c.json({ status: 'ok' }) },
    {
      method: 'GET',
      path: '/api/v1/health',
      access: 'public',
      answer: async (c) =>
        (await storeAnswers())
          ? c.json({ status: 'ok' })
          : c.json({ status: 'failing', reason: 'the store does not answer' }, 503),
    },
  ]
}

async function askStore(context: ApiContext): Promise<boolean> {
  try {
    await context.store.query('SELECT 1 AS one')
    return true
  } catch (error) {
    context.log.error({ reason: messageOf(error) }, 'The store does not answer.')
    return false
  }
}
