/** How much of the last seconds an engine worked, in slots of 100 ms. */
export interface BusyMeter {
  /** Notes work from `fromMs` to `toMs`, of which `prefillShare` was prefill. */
  add(fromMs: number, toMs: number, prefillShare: number): void
  /** Shares of the window before `nowMs`, each 0 to 1. */
  read(nowMs: number, windowMs: number): BusyShare
}

export interface BusyShare {
  readonly busy: number
  readonly prefill: number
  readonly decode: number
}

const slotMs = 100
const slots = 300

/** A meter that remembers 30 seconds. */
export function createBusyMeter(): BusyMeter {
  const ring = Array.from({ length: slots }, () => ({ slot: -1, busyMs: 0, prefillMs: 0 }))

  const note = (slot: number, busyMs: number, prefillShare: number) => {
    const cell = ring[slot % slots]
    if (cell === undefined) return
    if (cell.slot !== slot) Object.assign(cell, { slot, busyMs: 0, prefillMs: 0 })
    cell.busyMs += busyMs
    cell.prefillMs += busyMs * prefillShare
  }

  return {
    add: (fromMs, toMs, prefillShare) => {
      let start = Math.max(fromMs, toMs - slotMs * slots)
      while (start < toMs) {
        const slot = Math.floor(start / slotMs)
        const end = Math.min(toMs, (slot + 1) * slotMs)
        note(slot, end - start, prefillShare)
        start = end
      }
    },
    read: (nowMs, windowMs) => {
      const first = Math.floor((nowMs - windowMs) / slotMs)
      const last = Math.floor(nowMs / slotMs)
      const inWindow = ring.filter((cell) => cell.slot >= first && cell.slot < last)
      const share = (sum: number) => Math.min(1, sum / ((last - first) * slotMs))
      const busy = share(inWindow.reduce((sum, cell) => sum + cell.busyMs, 0))
      const prefill = share(inWindow.reduce((sum, cell) => sum + cell.prefillMs, 0))
      return { busy, prefill, decode: busy - prefill }
    },
  }
}
