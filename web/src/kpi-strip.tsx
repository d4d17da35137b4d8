import type { JSX } from 'preact'
import { figuresOf, type Figure } from './figures.ts'
import { absent } from './format.ts'
import { NoData, StatusMark } from './marks.tsx'
import { board, chosen } from './page-state.ts'
import { Sparkline } from './sparkline.tsx'

/** The eight key figures. */
export function KpiStrip(): JSX.Element | null {
  const data = board.value
  if (data === null) return null
  return (
    <section class="kpis" aria-label="Key figures">
      {figuresOf(data, chosen.value).map((figure) => (
        <KeyFigure key={figure.id} figure={figure} />
      ))}
    </section>
  )
}

function KeyFigure({ figure }: { readonly figure: Figure }): JSX.Element {
  return (
    <div class={`kpi ${figure.state}`} title={figure.meaning} data-figure={figure.id}>
      <h3>{figure.label}</h3>
      <p class="kpi-value">
        {figure.state === 'low' && <StatusMark status="bad" />}
        {figure.value === absent ? <NoData /> : <strong>{figure.value}</strong>}
        {figure.unit !== '' && <span class="kpi-unit">{figure.unit}</span>}
      </p>
      <p class="kpi-note">
        {figure.state === 'few' ? 'few answers · ' : ''}
        {figure.note}
      </p>
      <Sparkline column={figure.trend} />
    </div>
  )
}
