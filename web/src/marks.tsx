// Small drawings: status, events, swatches. Shape says what colour says.
import type { JSX } from 'preact'
import type { FillKind } from './lanes/lane.ts'

/** The product's sign: a level beam. */
export function Sign(): JSX.Element {
  return (
    <svg class="sign" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
      <path d="M2 10.5h20M12 10.5V20M8 20.5h8" class="stroke" />
      <circle cx="5.6" cy="7" r="2.6" class="left" />
      <circle cx="18.4" cy="7" r="2.6" class="right" />
    </svg>
  )
}

export type Status = 'ok' | 'attention' | 'bad' | 'waiting'

const statusPaths: Readonly<Record<Status, string>> = {
  ok: 'M2.5 6.5 5 9l4.5-6',
  attention: 'M6 2v5M6 9.2v.6',
  bad: 'M6 1.2 11.2 10.6H.8Z',
  waiting: 'M2 6h8',
}

/** A status as a shape; its word stands beside it. */
export function StatusMark({ status }: { readonly status: Status }): JSX.Element {
  return (
    <svg class={`status ${status}`} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      <path d={statusPaths[status]} />
    </svg>
  )
}

const eventPaths: Readonly<Record<string, string>> = {
  deploy: 'M6 1a5 5 0 1 0 .01 0Z',
  config: 'M1.5 1.5h9v9h-9Z',
  prompt_version: 'M6 .5 11.5 6 6 11.5.5 6Z',
  evaluator_version: 'M6 .5 11.5 6 6 11.5.5 6Z',
  scale: 'M1 11V7h3V4h3V1h4v10Z',
  price: 'M6 .5v11M9.5 3C8 1.6 3 1.6 3 4s6.2 1.5 6.2 4S4 10.4 2.3 8.8',
  fault: 'M1.5 1.5l9 9M10.5 1.5l-9 9',
  alert: 'M6 .8 11.6 11H.4Z',
}

const hollowKinds = new Set(['evaluator_version', 'price', 'fault'])

/** The sign of an event's kind. */
export function EventMark({ kind }: { readonly kind: string }): JSX.Element {
  const look = hollowKinds.has(kind) ? 'hollow' : 'solid'
  return (
    <svg
      class={`event-mark ${look} ${kind}`}
      viewBox="0 0 12 12"
      width="12"
      height="12"
      aria-hidden="true"
    >
      <path d={eventPaths[kind] ?? 'M1.5 1.5h9v9h-9Z'} />
    </svg>
  )
}

/** What a line or an area looks like; `few` is the hollow point of few answers. */
export function Swatch({
  of,
  few = false,
}: {
  readonly of: number | FillKind | null
  readonly few?: boolean
}): JSX.Element {
  if (of === null) return <span class="swatch" />
  if (typeof of === 'string') return <span class={`swatch area ${of}`} />
  return <span class={`swatch line series-${of} ${few ? 'few' : ''}`} />
}

/** What stands where there is no reading. */
export function NoData(): JSX.Element {
  return (
    <span class="absent" title="no data">
      <span aria-hidden="true">–</span>
      <span class="unseen">no data</span>
    </span>
  )
}
