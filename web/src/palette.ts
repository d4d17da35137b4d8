// Colours for canvases, read from the style sheet so that it is their only source.
import { signal } from '@preact/signals'

export interface Palette {
  readonly series: readonly string[]
  readonly ink: string
  readonly quietInk: string
  readonly rule: string
  readonly ground: string
  readonly gpuActive: string
  readonly traffic: string
  readonly threshold: string
  /** Ends of the duty ramp. */
  readonly dutyLow: string
  readonly dutyHigh: string
  /** Colours are the system's: lines then differ by dashes. */
  readonly forced: boolean
}

/** The palette of the theme in force; `null` until the style sheet is read. */
export const palette = signal<Palette | null>(null)

const forcedColors = matchMedia('(forced-colors: active)')
const darkScheme = matchMedia('(prefers-color-scheme: dark)')

/** Keeps the palette in step with system theme and forced colours. */
export function watchPalette(): void {
  for (const query of [forcedColors, darkScheme]) query.addEventListener('change', readPalette)
  readPalette()
}

/** Reads the palette again; called after the theme was changed. */
export function readPalette(): void {
  const probe = document.createElement('i')
  probe.className = 'probe'
  document.body.append(probe)
  const read = (name: string) => {
    probe.style.color = `var(--${name})`
    return getComputedStyle(probe).color
  }
  palette.value = {
    series: [0, 1, 2, 3, 4, 5].map((i) => read(`series-${i}`)),
    ink: read('ink'),
    quietInk: read('ink-2'),
    rule: read('rule'),
    ground: read('ground'),
    gpuActive: read('gpu-active'),
    traffic: read('traffic'),
    threshold: read('bad'),
    dutyLow: read('duty-low'),
    dutyHigh: read('duty-high'),
    forced: forcedColors.matches,
  }
  probe.remove()
}

const dashes = [[], [7, 3], [2, 2], [9, 3, 2, 3], [4, 4], [12, 4]]

/** Dash pattern of a model's line: only where colours cannot tell models apart. */
export function dashOf(colours: Palette, index: number): number[] {
  return colours.forced ? [...(dashes[index % dashes.length] ?? [])] : []
}
