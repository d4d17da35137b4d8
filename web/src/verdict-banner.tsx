import type { JSX } from 'preact'
import type { BoardAlert } from '../../src/api/contract.ts'
import { age, clock } from './format.ts'
import { StatusMark } from './marks.tsx'
import { board, clockMs, connection, skewMs } from './page-state.ts'
import { verdictOf, type Gap } from './verdict.ts'

const mostShown = 3

/** What is the matter, in plain words. */
export function VerdictBanner(): JSX.Element | null {
  const data = board.value
  if (data === null) return null
  const { tone, alerts, statement, gaps } = verdictOf(data)
  return (
    <section class={`verdict ${tone}`} aria-label="Verdict">
      {alerts.slice(0, mostShown).map((alert) => (
        <AlertLine key={alert.alertId} alert={alert} />
      ))}
      {alerts.length > mostShown && (
        <p class="verdict-more">and {alerts.length - mostShown} more alerts</p>
      )}
      <p class="verdict-statement">
        {tone === 'calm' && <StatusMark status={gaps.length > 0 ? 'waiting' : 'ok'} />}
        {tone === 'low' && <StatusMark status="attention" />}
        <span>
          {tone === 'calm' && <b>{gaps.length > 0 ? 'No alert. ' : 'All calm. '}</b>}
          {tone === 'low' && <b>No alert fires now. </b>}
          {statement}
        </span>
      </p>
      {gaps.length > 0 && <Gaps gaps={gaps} />}
      <AwayLine />
    </section>
  )
}

function AlertLine({ alert }: { readonly alert: BoardAlert }): JSX.Element {
  const lasted = age(clockMs.value + skewMs.value - alert.startedAtMs)
  const word = alert.state === 'firing' ? alert.severity : 'pending'
  return (
    <div class={`alert-line ${alert.state}`}>
      <StatusMark status={alert.state === 'firing' ? 'bad' : 'attention'} />
      <p>
        <strong>{alert.summary}</strong>
        <span class="alert-meta">
          <b class="severity">{word}</b> since {clock(alert.startedAtMs)} ({lasted}) · rule{' '}
          {alert.rule}
        </span>
      </p>
    </div>
  )
}

function Gaps({ gaps }: { readonly gaps: readonly Gap[] }): JSX.Element {
  const [first, ...rest] = gaps
  return (
    <details class="gaps">
      <summary>
        <StatusMark status="attention" />
        <span>
          <b>Missing:</b> {first?.what} <span class="mend">{first?.mend}</span>
          {rest.length > 0 && <span class="more"> {rest.length} more</span>}
        </span>
      </summary>
      <ul>
        {rest.map(({ what, mend }) => (
          <li key={what}>
            {what} <span class="mend">{mend}</span>
          </li>
        ))}
      </ul>
    </details>
  )
}

// The last board stays on the screen while the server is away, and says so.
function AwayLine(): JSX.Element | null {
  const state = connection.value
  if (state.kind !== 'away') return null
  return (
    <p class="away">
      <StatusMark status="bad" />
      <span>
        <b>{state.message}</b> Since {clock(state.sinceMs, true)}; trying again every 5 s. What you
        see is the last answer.
      </span>
    </p>
  )
}
