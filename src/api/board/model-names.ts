import type { BoardData } from './board-data.ts'
import { sum } from './columns.ts'

/** Names come from outside too (ingested spans), so their number is bounded. */
const mostModels = 50

/** Models of the fleet in its order, then those that only the records know, busiest first. */
export function modelNames(data: BoardData): readonly string[] {
  const wanted = (model: string) =>
    model !== '' && (data.window.models.length === 0 || data.window.models.includes(model))
  const busiest = data.calls
    .map(({ model, steps }) => ({ model, calls: sum(steps.map((row) => row.calls)) }))
    .toSorted((a, b) => b.calls - a.calls || (a.model < b.model ? -1 : 1))
  const names = [
    ...data.fleet.components.map((component) => component.model),
    ...busiest.map((row) => row.model),
    ...data.scores.map((row) => row.model),
    ...data.bill.lines.map((line) => line.model),
  ]
  return [...new Set(names)].filter(wanted).slice(0, mostModels)
}
