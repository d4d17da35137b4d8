import type { JSX } from 'preact'
import { crosshairMs } from './crosshair.ts'
import { absent } from './format.ts'
import { readoutIndex, type Lane, type ReadoutRow } from './lanes/lane.ts'
import { NoData, Swatch } from './marks.tsx'

/** A lane's values at the crosshair, or the newest; also its legend. */
export function LaneReadout({ lane }: { readonly lane: Lane }): JSX.Element {
  const index = readoutIndex(lane, crosshairMs.value)
  const { columns, rows } = lane.readout
  return (
    <table class={`readout columns-${columns.length}`} data-lane={lane.id}>
      <thead>
        <tr>
          <td />
          {columns.map((column) => (
            <th scope="col" key={column}>
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.name} row={row} index={index} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ row, index }: { readonly row: ReadoutRow; readonly index: number }): JSX.Element {
  const few = row.few?.(index) ?? false
  return (
    <tr class={few ? 'few' : ''} title={few ? 'Fewer than 30 answers: drawn hollow' : undefined}>
      <th scope="row">
        <Swatch of={row.swatch} few={few} />
        <span class="name" title={row.name}>
          {row.name}
        </span>
      </th>
      {row.cells(index).map((text, i) => (
        <td key={i}>{text === absent ? <NoData /> : text}</td>
      ))}
    </tr>
  )
}
