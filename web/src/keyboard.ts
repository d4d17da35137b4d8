// Keys of the page; fields and open dialogs keep theirs.
import { crosshairMs, pointAt } from './crosshair.ts'
import * as navigation from './navigation.ts'
import { currentEvent, dialog, view } from './page-state.ts'

const bindings: Readonly<Record<string, (event: KeyboardEvent) => void>> = {
  '?': () => (dialog.value = 'help'),
  '0': navigation.zoomBack,
  '+': () => navigation.zoom(0.5),
  '=': () => navigation.zoom(0.5),
  '-': () => navigation.zoom(2),
  '[': () => navigation.stepEvent(-1),
  ']': () => navigation.stepEvent(1),
  ArrowLeft: (event) => navigation.stepCrosshair(event.shiftKey ? -10 : -1),
  ArrowRight: (event) => navigation.stepCrosshair(event.shiftKey ? 10 : 1),
  d: () => navigation.showTheme(navigation.isDark() ? 'light' : 'dark'),
  '/': openFilter,
  Escape: letGo,
}

/** Listens to the keys; called once. */
export function followKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return
    const lane = /^[1-6]$/.test(event.key)
    const action = lane ? () => focusLane(Number(event.key) - 1) : bindings[event.key]
    if (action === undefined) return
    event.preventDefault()
    action(event)
  })
}

function isTaken({ target, key }: KeyboardEvent): boolean {
  if (document.querySelector('dialog[open], [popover]:popover-open') !== null) return true
  if (!(target instanceof Element)) return false
  if (target.closest('input, select, textarea') !== null) return true
  // In a scrolled table the arrows scroll.
  return key.startsWith('Arrow') && target.closest('.scroll, .lane-table, pre') !== null
}

function focusLane(index: number): void {
  const lane = document.querySelectorAll<HTMLElement>('.lane:not(.events)')[index]
  lane?.focus()
  lane?.scrollIntoView({ block: 'nearest' })
}

function openFilter(): void {
  const panel = document.querySelector<HTMLElement>('#models')
  panel?.showPopover()
}

function letGo(): void {
  if (crosshairMs.value !== null) {
    currentEvent.value = null
    pointAt(null)
  } else if (view.value.models.length > 0) {
    navigation.filterModels([])
  }
}
