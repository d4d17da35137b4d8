// Keeps the board fresh: asks when the view changes and when the server says that there is more.
import { computed, effect, untracked } from '@preact/signals'
import type { BoardAlert, StreamMessage } from '../../src/api/contract.ts'
import { fetchBoard, listen, type BoardAnswer } from './board-client.ts'
import * as state from './page-state.ts'
import { rangeEnds, stepFor } from './view.ts'

/** A refetch at most this often. */
const fetchEveryMs = 2000
const retryEveryMs = 5000
/** Asked for without a word from the server, should its stream be held up on the way. */
const silentEveryMs = 15_000

let asking: AbortController | null = null
let lastAskedMs = 0
let timer = 0
let stopListening: (() => void) | null = null

/** Starts everything; called once. */
export function startLive(): void {
  window.setInterval(() => (state.clockMs.value = Date.now()), 1000)
  // Asks again whenever the stretch of time changes, at once.
  const range = computed(() => state.view.value.range)
  effect(() => {
    void range.value
    untracked(() => void ask())
  })
  window.setInterval(() => {
    if (Date.now() - lastAskedMs >= silentEveryMs) schedule()
  }, silentEveryMs / 3)
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) schedule()
  })
  connect()
}

/** Stops or resumes following the present. */
export function togglePause(): void {
  state.paused.value = !state.paused.value
  if (!state.paused.value) schedule()
}

/** Asks now: after a token was accepted, or by the button. */
export function retry(): void {
  state.connection.value = { kind: 'connecting' }
  void ask()
  connect()
}

function connect(): void {
  stopListening?.()
  stopListening = listen({
    // A line that was lost may have missed a word.
    open: () => {
      if (Date.now() - lastAskedMs > fetchEveryMs) schedule()
    },
    message: receive,
    lost: () => {
      if (state.connection.value.kind === 'live') schedule()
    },
  })
}

function receive(message: StreamMessage): void {
  if (message.kind === 'alert') announce(message.alert)
  schedule()
}

function following(): boolean {
  if (document.hidden || state.paused.value || state.connection.value.kind === 'unauthorized')
    return false
  const { range } = state.view.value
  return range.kind === 'last' || range.toMs > Date.now() + state.skewMs.value
}

function schedule(delayMs = Math.max(0, lastAskedMs + fetchEveryMs - Date.now())): void {
  if (timer !== 0) return
  timer = window.setTimeout(() => {
    timer = 0
    if (following()) void ask()
  }, delayMs)
}

async function ask(): Promise<void> {
  asking?.abort()
  const mine = new AbortController()
  asking = mine
  lastAskedMs = Date.now()
  const now = Date.now() + state.skewMs.value
  const { fromMs, toMs } = rangeEnds(state.view.peek().range, now)
  const stepMs = stepFor(toMs - fromMs)
  const answer = await fetchBoard({ fromMs, toMs, stepMs }, mine.signal)
  if (!mine.signal.aborted) take(answer)
}

function take(answer: BoardAnswer): void {
  if (answer.kind === 'board') {
    const { board } = answer
    announceNew(state.board.value?.alerts ?? null, board.alerts)
    state.skewMs.value = board.generatedAtMs - Date.now()
    state.arrivedMs.value = Date.now()
    state.connection.value = { kind: 'live' }
    state.board.value = board
    return
  }
  if (answer.kind === 'unauthorized') {
    state.connection.value = { kind: 'unauthorized' }
    return
  }
  const message = answer.kind === 'refused' ? answer.message : 'The server does not answer.'
  const before = state.connection.value
  const sinceMs = before.kind === 'away' ? before.sinceMs : Date.now()
  state.connection.value = { kind: 'away', sinceMs, message, refused: answer.kind === 'refused' }
  window.clearTimeout(timer)
  timer = 0
  schedule(retryEveryMs)
}

function announceNew(before: readonly BoardAlert[] | null, now: readonly BoardAlert[]): void {
  if (before === null) return
  const known = new Set(before.filter(isFiring).map((alert) => alert.alertId))
  for (const alert of now) if (isFiring(alert) && !known.has(alert.alertId)) announce(alert)
}

const isFiring = (alert: BoardAlert) => alert.state === 'firing'

function announce(alert: BoardAlert): void {
  if (isFiring(alert)) state.announcement.value = `Alert: ${alert.summary}`
}
