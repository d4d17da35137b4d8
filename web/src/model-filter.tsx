import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Swatch } from './marks.tsx'
import { filterModels } from './navigation.ts'
import { board, choice, view } from './page-state.ts'

/** Which models the lanes draw: a list with a search field. */
export function ModelFilter(): JSX.Element | null {
  const words = useSignal('')
  const field = useRef<HTMLInputElement>(null)
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const panel = list.current
    const opened = (event: Event) => {
      if (!(event instanceof ToggleEvent) || event.newState !== 'open' || panel === null) return
      const under = panel.parentElement?.getBoundingClientRect()
      // Kept on the screen where the button sits far right.
      panel.style.left = `${Math.min(under?.left ?? 0, innerWidth - panel.offsetWidth - 8)}px`
      panel.style.top = `${(under?.bottom ?? 0) + 4}px`
      field.current?.focus()
    }
    panel?.addEventListener('toggle', opened)
    return () => panel?.removeEventListener('toggle', opened)
  }, [(board.value?.models.length ?? 0) === 0])
  if (board.value === null || board.value.models.length === 0) return null
  const names = board.value.models.map((model) => model.model).toSorted()
  const { models } = view.value
  const wanted = words.value.toLowerCase()
  return (
    <div class="filter">
      <button type="button" class="field" popovertarget="models" aria-keyshortcuts="/">
        {labelOf(models, names.length)}
        <Chevron />
      </button>
      <div id="models" class="popover" popover="auto" ref={list}>
        <input
          ref={field}
          type="search"
          placeholder="Find a model"
          aria-label="Find a model"
          value={words.value}
          onInput={(event) => (words.value = event.currentTarget.value)}
        />
        <ul>
          {names
            .filter((name) => name.toLowerCase().includes(wanted))
            .map((name) => (
              <li key={name}>
                <ModelChoiceBox name={name} />
              </li>
            ))}
        </ul>
        <button type="button" disabled={models.length === 0} onClick={() => filterModels([])}>
          Show all
        </button>
      </div>
    </div>
  )
}

function ModelChoiceBox({ name }: { readonly name: string }): JSX.Element {
  const { models } = view.value
  const colour = choice.value.drawn.find(({ model }) => model.model === name)?.colour ?? null
  const toggle = () =>
    filterModels(
      models.includes(name) ? models.filter((other) => other !== name) : [...models, name],
    )
  return (
    <label>
      <input type="checkbox" checked={models.includes(name)} onChange={toggle} />
      <Swatch of={colour} />
      {name}
    </label>
  )
}

function labelOf(models: readonly string[], all: number): string {
  if (models.length === 0) return all === 1 ? '1 model' : `All ${all} models`
  return models.length === 1 ? (models[0] ?? '') : `${models.length} of ${all} models`
}

function Chevron(): JSX.Element {
  return (
    <svg class="chevron" viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
      <path d="M2 3.5 5 6.5 8 3.5" />
    </svg>
  )
}
