// Which models the lanes draw, and in which colour.
import type { Board, BoardModel, Column, IntervalColumns } from '../../src/api/contract.ts'

export interface DrawnModel {
  readonly model: BoardModel
  /** 0 to 5: its place in the palette, the same in every lane. */
  readonly colour: number
}

export interface ModelChoice {
  readonly drawn: readonly DrawnModel[]
  /** Chosen, but beyond what colours can tell apart. */
  readonly leftOut: number
}

/** More lines than this cannot be told apart by colour. */
export const mostDrawn = 6

/** The models to draw: those selected (none = all), at most six, the costliest first to stay. */
export function chooseModels(board: Board, selected: readonly string[]): ModelChoice {
  const names = board.models.map((model) => model.model).toSorted()
  const chosen = chosenModels(board, selected)
  const kept = chosen
    .toSorted((a, b) => (b.summary.costUsd ?? 0) - (a.summary.costUsd ?? 0))
    .slice(0, mostDrawn)
    .toSorted((a, b) => (a.model < b.model ? -1 : 1))
  const drawn = kept.map((model, i) => ({
    model,
    // A small fleet keeps its colours under any filter.
    colour: names.length <= mostDrawn ? names.indexOf(model.model) : i,
  }))
  return { drawn, leftOut: chosen.length - drawn.length }
}

/** Selected models that the board knows; all of them when none is. */
export function chosenModels(board: Board, selected: readonly string[]): readonly BoardModel[] {
  const chosen = board.models.filter((model) => selected.includes(model.model))
  return chosen.length === 0 ? board.models : chosen
}

const order = [
  'composite',
  'safety',
  'accuracy',
  'relevance',
  'groundedness',
  'guideline_adherence',
]
const hallucination = 'hallucination'

/** Quality dimensions on the board, best known first. */
export function dimensionsOf(board: Board): readonly string[] {
  const found = new Set(board.models.flatMap((model) => Object.keys(model.quality)))
  const known = order.filter((name) => found.delete(name))
  const derived = known.includes('groundedness') && !found.has(hallucination) ? [hallucination] : []
  return [...known, ...[...found].toSorted(), ...derived]
}

/** A dimension as people read it; the derived one says how it is derived. */
export function dimensionLabel(dimension: string): string {
  if (dimension === hallucination) return 'hallucination (1 − groundedness)'
  return dimension.replaceAll('_', ' ')
}

/** Whether a higher value of the dimension is worse. */
export function lowerIsBetter(dimension: string): boolean {
  return dimension === hallucination
}

/** Columns of a dimension; hallucination is 1 − groundedness where it is not itself measured. */
export function qualityOf(model: BoardModel, dimension: string): IntervalColumns | null {
  const own = model.quality[dimension]
  if (own !== undefined) return own
  const grounded = dimension === hallucination ? model.quality['groundedness'] : undefined
  if (grounded === undefined) return null
  return {
    value: flip(grounded.value),
    lower: flip(grounded.upper),
    upper: flip(grounded.lower),
    n: grounded.n,
  }
}

const flip = (column: Column): Column => column.map((value) => (value === null ? null : 1 - value))
