import type { JSX } from 'preact'
import { clock } from './format.ts'
import { retry } from './live.ts'
import { connection } from './page-state.ts'

/** Stands for the whole page while there is no board to show. */
export function AwayNotice(): JSX.Element | null {
  const state = connection.value
  if (state.kind === 'away') {
    return (
      <section class="notice" aria-labelledby="name-notice">
        <h2 id="name-notice">{state.message}</h2>
        <p>
          Asked <code>{location.origin}/api/v1/board</code> since {clock(state.sinceMs, true)};
          trying again every 5 s.{' '}
          {state.refused ? (
            'The server answers, but has no board to give.'
          ) : (
            <>
              Is Equipoise running? <code>equipoise up</code> starts it; its log says what stopped
              it.
            </>
          )}
        </p>
        <button type="button" class="primary" onClick={retry}>
          Try now
        </button>
      </section>
    )
  }
  if (state.kind === 'unauthorized') return null
  return <p class="notice quiet-notice">Reading the board…</p>
}
