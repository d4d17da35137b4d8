import type { ApiContext } from '../context.ts'
import type { ApiRequest } from '../http.ts'
import type { LiveFeed } from '../live-feed.ts'

/** A page that is this many bytes behind has stopped reading. */
const mostWaitingBytes = 256 * 1_024

/** `GET /api/v1/stream`: server-sent events until either side leaves. */
export function streamRoute(context: ApiContext): (c: ApiRequest) => Response {
  return (c) => {
    const lastEventId = c.req.header('last-event-id') ?? c.req.query('lastEventId') ?? null
    return new Response(streamOf(context.live, lastEventId), {
      headers: {
        ...Object.fromEntries(c.res.headers),
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store, no-transform',
        // Asks proxies of the nginx family not to hold events back.
        'X-Accel-Buffering': 'no',
      },
    })
  }
}

/** A subscription as a byte stream. A reader that falls too far behind is cut off; it reconnects and replays. */
export function streamOf(feed: LiveFeed, lastEventId: string | null): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let unsubscribe: (() => void) | null = null
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        let open = true
        const end = () => {
          if (!open) return
          open = false
          unsubscribe?.()
          controller.close()
        }
        const deliver = (frame: string) => {
          if (!open) return
          if ((controller.desiredSize ?? 0) <= 0) end()
          else controller.enqueue(encoder.encode(frame))
        }
        deliver('retry: 2000\n\n')
        unsubscribe = feed.subscribe({ deliver, end }, lastEventId)
        if (!open) unsubscribe?.()
      },
      cancel: () => unsubscribe?.(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: mostWaitingBytes }),
  )
}
