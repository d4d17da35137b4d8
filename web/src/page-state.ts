// Everything that the page remembers, as signals; what can be computed is computed.
import { computed, signal } from '@preact/signals'
import type { Board } from '../../src/api/contract.ts'
import { lanesOf } from './lanes/board-lanes.ts'
import { chooseModels, chosenModels, dimensionsOf } from './model-choice.ts'
import { parseView, rangeEnds, type View } from './view.ts'

export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** No board comes, since when and why. */
  | {
      readonly kind: 'away'
      readonly sinceMs: number
      readonly message: string
      /** It answers, but not with a board. */
      readonly refused: boolean
    }
  | { readonly kind: 'unauthorized' }

export const view = signal<View>(parseView(location.search))
export const board = signal<Board | null>(null)
export const connection = signal<Connection>({ kind: 'connecting' })
/** Set by the person; a hidden tab pauses by itself. */
export const paused = signal(false)
/** When the newest data arrived, by this machine's clock. */
export const arrivedMs = signal<number | null>(null)
/** This machine's clock, ticking once a second. */
export const clockMs = signal(Date.now())
/** Server's clock minus this machine's. */
export const skewMs = signal(0)
/** Width of the plotting area in CSS pixels, the same in every lane. */
export const plotWidth = signal(0)
export const dialog = signal<'help' | 'range' | null>(null)
/** The event that `[` and `]` walked to. */
export const currentEvent = signal<string | null>(null)
/** What the live region says. */
export const announcement = signal('')

/** Models under the filter. */
export const chosen = computed(() =>
  board.value === null ? [] : chosenModels(board.value, view.value.models),
)
export const choice = computed(() =>
  board.value === null ? { drawn: [], leftOut: 0 } : chooseModels(board.value, view.value.models),
)
export const dimensions = computed(() => (board.value === null ? [] : dimensionsOf(board.value)))

/** The dimension that the quality lane draws: the wanted one, where it is measured. */
export const dimension = computed(() => {
  const wanted = view.value.dimension
  return dimensions.value.includes(wanted) ? wanted : (dimensions.value[0] ?? wanted)
})
export const lanes = computed(() =>
  board.value === null ? [] : lanesOf(board.value, choice.value.drawn, dimension.value),
)

/** Ends of the time axis: the board's own, so that axis and data never disagree. */
export const axis = computed(() => {
  const data = board.value
  return data === null
    ? rangeEnds(view.value.range, clockMs.peek())
    : { fromMs: data.fromMs, toMs: data.toMs }
})
