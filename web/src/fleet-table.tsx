import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { BoardModel } from '../../src/api/contract.ts'
import { fleetColumns, intervalWords, isFew, shownInterval, sortModels } from './fleet-columns.ts'
import type { FleetColumn, Sorting } from './fleet-columns.ts'
import { absent, plural, score } from './format.ts'
import { NoData, StatusMark, Swatch } from './marks.tsx'
import { toggleOnly } from './navigation.ts'
import { board, choice, view } from './page-state.ts'

const groups = ['Cost', 'GPU', 'Serving', 'Answers', 'Unit cost'] as const

/** Every model with its numbers over the window; a row filters the lanes. */
export function FleetTable(): JSX.Element | null {
  const sorting = useSignal<Sorting>({ column: 'cost', direction: 'descending' })
  const data = board.value
  if (data === null || data.models.length === 0) return null
  const sort = (column: string) => {
    const { column: current, direction } = sorting.value
    const turn = current === column && direction === 'descending'
    sorting.value = { column, direction: turn ? 'ascending' : 'descending' }
  }
  return (
    <section class="fleet" aria-labelledby="name-fleet">
      <h2 id="name-fleet">
        Fleet <small>over the window; choose a row to draw that model alone</small>
      </h2>
      {/* A scrolled region is reached by key. */}
      <div class="scroll" tabIndex={0} role="region" aria-labelledby="name-fleet">
        <table>
          <thead>
            <tr class="groups">
              <td />
              {groups.map((group) => (
                <th
                  scope="colgroup"
                  key={group}
                  colSpan={fleetColumns.filter((column) => column.group === group).length}
                >
                  {group}
                </th>
              ))}
            </tr>
            <tr>
              <SortHead
                id="model"
                label="model"
                meaning="Model."
                sorting={sorting.value}
                sort={sort}
              />
              {fleetColumns.map(({ id, label, meaning }) => (
                <SortHead
                  key={id}
                  id={id}
                  label={label}
                  meaning={meaning}
                  sorting={sorting.value}
                  sort={sort}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {sortModels(data.models, sorting.value).map((model) => (
              <FleetRow key={model.model} model={model} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function SortHead(props: {
  readonly id: string
  readonly label: string
  readonly meaning: string
  readonly sorting: Sorting
  readonly sort: (id: string) => void
}): JSX.Element {
  const { id, label, meaning, sorting, sort } = props
  const active = sorting.column === id
  return (
    <th scope="col" aria-sort={active ? sorting.direction : 'none'} class={startOf(id)}>
      <button type="button" title={meaning} onClick={() => sort(id)}>
        {label}
        <span class="sort" aria-hidden="true">
          {active ? (sorting.direction === 'ascending' ? '↑' : '↓') : ''}
        </span>
      </button>
    </th>
  )
}

// The first column of a group carries its rule.
function startOf(id: string): string {
  const column = fleetColumns.find((candidate) => candidate.id === id)
  const first = fleetColumns.find((candidate) => candidate.group === column?.group)
  return first !== undefined && first.id === id ? 'group-start' : ''
}

function FleetRow({ model }: { readonly model: BoardModel }): JSX.Element {
  const only = view.value.models.includes(model.model)
  const colour = choice.value.drawn.find((drawn) => drawn.model.model === model.model)?.colour
  return (
    <tr
      class={only ? 'only' : ''}
      onClick={(event) => {
        // The button in the row has its own.
        if (!(event.target instanceof Element) || event.target.closest('button') === null) {
          toggleOnly(model.model)
        }
      }}
    >
      <th scope="row">
        <button type="button" aria-pressed={only} onClick={() => toggleOnly(model.model)}>
          <Swatch of={colour ?? null} />
          <span class="name">{model.model}</span>
        </button>
        <small>
          {plural(model.copies, 'cop').replace(/cop(s?)$/, (_, s: string) =>
            s ? 'copies' : 'copy',
          )}{' '}
          · {plural(model.gpus, 'GPU')}
        </small>
      </th>
      {fleetColumns.map((column) => (
        <Cell key={column.id} column={column} model={model} />
      ))}
    </tr>
  )
}

function Cell({
  column,
  model,
}: {
  readonly column: FleetColumn
  readonly model: BoardModel
}): JSX.Element {
  const text = column.text(model)
  const few = isFew(column, model)
  const words = intervalWords(column, model)
  const threshold = missedThreshold(column, model)
  const low = threshold !== null
  const classes = [startOf(column.id), few && 'few', low && 'low'].filter(Boolean).join(' ')
  return (
    <td class={classes} title={low ? `below ${score(threshold)}; ${words}` : words}>
      {low && <StatusMark status="bad" />}
      {low && <span class="unseen">below threshold </span>}
      {few && <span class="hollow" aria-hidden="true" />}
      {text === absent ? <NoData /> : text}
      {column.more !== undefined && <span class="plus-minus">{column.more(model)}</span>}
    </td>
  )
}

/** The threshold that the whole interval lies below; `null` when there is none. */
function missedThreshold(column: FleetColumn, model: BoardModel): number | null {
  if (column.group !== 'Answers') return null
  const threshold = board.value?.thresholds?.[column.id]
  const interval = shownInterval(column, model)
  if (threshold === undefined || interval === undefined) return null
  return interval.upper < threshold ? threshold : null
}
