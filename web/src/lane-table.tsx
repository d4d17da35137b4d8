import type { JSX } from 'preact'
import { absent, moment } from './format.ts'
import type { Lane } from './lanes/lane.ts'
import { NoData } from './marks.tsx'

const mostRows = 40

/** A lane's values as a table, newest first; of long stretches every k-th step. */
export function LaneTable({ lane }: { readonly lane: Lane }): JSX.Element {
  const { columns, rows } = lane.readout
  const every = Math.ceil(lane.startsMs.length / mostRows)
  const indexes = lane.startsMs.map((_, i) => i).filter((i) => i % every === 0)
  return (
    <div
      class="lane-table"
      id={`table-${lane.id}`}
      role="region"
      aria-label={`${lane.title} as table`}
      // A scrolled region is reached by key.
      tabIndex={0}
    >
      <table>
        <caption>
          {lane.title}: {lane.unit}.
          {every > 1 && ` Every ${every} steps one row; zoom in for all of them.`}
        </caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {rows.flatMap((row) =>
              columns.map((column) => (
                <th scope="col" key={`${row.name} ${column}`}>
                  {row.name} <span class="of">{column}</span>
                </th>
              )),
            )}
          </tr>
        </thead>
        <tbody>
          {indexes.toReversed().map((i) => (
            <tr key={i}>
              <th scope="row">{moment(lane.startsMs[i] ?? 0, lane.stepMs < 60_000)}</th>
              {rows.flatMap((row) =>
                row
                  .cells(i)
                  .map((text, k) => (
                    <td key={`${row.name} ${k}`}>{text === absent ? <NoData /> : text}</td>
                  )),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
