import type { JSX } from 'preact'
import type { SourceFreshness } from '../../src/api/contract.ts'
import { age, moment, usd } from './format.ts'
import { StatusMark, type Status } from './marks.tsx'
import { board, clockMs, skewMs } from './page-state.ts'

/** Where the numbers come from: sources with their freshness, prices with source and date. */
export function Footnotes(): JSX.Element | null {
  const data = board.value
  if (data === null) return null
  return (
    <footer class="footnotes">
      <section aria-labelledby="name-sources">
        <h2 id="name-sources">Sources</h2>
        {data.sources.length === 0 && <p>No source has reported yet.</p>}
        <ul class="sources">
          {data.sources.map((source) => (
            <Source key={source.name} source={source} />
          ))}
        </ul>
      </section>
      <section aria-labelledby="name-prices">
        <h2 id="name-prices">Prices</h2>
        {data.prices.length === 0 && (
          <p>No price is known: set instanceType or price of each node in equipoise.yaml.</p>
        )}
        <ul>
          {data.prices.map((price) => (
            <li key={price.node}>
              <b>{price.node}</b> {price.instanceType} <b>{usd(price.usdPerHour)}</b> per hour, from{' '}
              {price.source}, {price.date}
            </li>
          ))}
        </ul>
      </section>
      <section aria-labelledby="name-reading">
        <h2 id="name-reading">Reading</h2>
        <p>
          Scores are means of sampled answers, 1 = good, with 95% intervals; what rests on fewer
          than 30 answers is hollow or hatched. Hallucination is 1 − groundedness. A gap or “–” is
          no reading, never zero. Board made {moment(data.generatedAtMs, true)}.
        </p>
      </section>
    </footer>
  )
}

const marks: Readonly<Record<SourceFreshness['state'], Status>> = {
  ok: 'ok',
  stale: 'attention',
  failing: 'bad',
  waiting: 'waiting',
}

function Source({ source }: { readonly source: SourceFreshness }): JSX.Element {
  const { lastSuccessMs, state } = source
  const since =
    lastSuccessMs === null ? 'never' : `${age(clockMs.value + skewMs.value - lastSuccessMs)} ago`
  return (
    <li title={source.detail}>
      <StatusMark status={marks[state]} />
      <b>{source.name}</b> {source.kind}, {state === 'ok' ? since : `${state}, ${since}`}
    </li>
  )
}
