import { useSignal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { openSession } from './board-client.ts'
import { retry } from './live.ts'
import { showRange } from './navigation.ts'
import { axis, connection, dialog } from './page-state.ts'

/** The dialogs; at most one is open. */
export function Dialogs(): JSX.Element | null {
  if (connection.value.kind === 'unauthorized') return <TokenDialog />
  if (dialog.value === 'help') return <HelpDialog />
  return dialog.value === 'range' ? <RangeDialog /> : null
}

const close = () => {
  dialog.value = null
}

function Modal(props: {
  readonly title: string
  readonly onClose?: () => void
  readonly children: ComponentChildren
}): JSX.Element {
  const element = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => element.current?.showModal(), [])
  return (
    <dialog
      ref={element}
      aria-labelledby="name-dialog"
      onClose={() => props.onClose?.()}
      onCancel={(event) => {
        if (props.onClose === undefined) event.preventDefault()
      }}
    >
      <h2 id="name-dialog">{props.title}</h2>
      {props.children}
    </dialog>
  )
}

const keys: readonly (readonly [string, string])[] = [
  ['drag', 'zoom to a stretch'],
  ['0 or double click', 'zoom back'],
  ['+ −', 'zoom in, out'],
  ['← →', 'move the crosshair, with Shift ten steps'],
  ['[ ]', 'previous, next event'],
  ['1 … 6', 'go to a lane'],
  ['/', 'find a model'],
  ['d', 'light or dark'],
  ['Esc', 'let go: crosshair, then the model filter'],
  ['?', 'this help'],
]

function HelpDialog(): JSX.Element {
  return (
    <Modal title="Keyboard" onClose={close}>
      <dl class="keys">
        {keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <p>
        The address bar holds the view: copy it to share what you see. Every lane can be read as a
        table.
      </p>
      <form method="dialog" class="buttons">
        <button class="primary">Close</button>
      </form>
    </Modal>
  )
}

// The value of a datetime-local field is local time without a zone.
const fieldValue = (ms: number) => {
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}

function RangeDialog(): JSX.Element {
  const { fromMs, toMs } = axis.peek()
  const from = useSignal(fieldValue(fromMs))
  const to = useSignal(fieldValue(toMs))
  const fault = useSignal('')
  const submit = (event: Event) => {
    event.preventDefault()
    const ends = { fromMs: Date.parse(from.value), toMs: Date.parse(to.value) }
    if (!(ends.toMs > ends.fromMs)) {
      fault.value = 'The end must lie after the start.'
      return
    }
    close()
    showRange({ kind: 'fixed', ...ends })
  }
  return (
    <Modal title="Custom range" onClose={close}>
      <form onSubmit={submit}>
        <label>
          From
          <input
            type="datetime-local"
            required
            value={from.value}
            onInput={(event) => (from.value = event.currentTarget.value)}
          />
        </label>
        <label>
          To
          <input
            type="datetime-local"
            required
            value={to.value}
            onInput={(event) => (to.value = event.currentTarget.value)}
          />
        </label>
        {fault.value !== '' && <p role="alert">{fault.value}</p>}
        <p class="buttons">
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button class="primary">Show</button>
        </p>
      </form>
    </Modal>
  )
}

function TokenDialog(): JSX.Element {
  const token = useSignal('')
  const fault = useSignal('')
  const submit = async (event: Event) => {
    event.preventDefault()
    fault.value = (await openSession(token.value.trim())) ?? ''
    if (fault.value === '') retry()
  }
  return (
    <Modal title="This Equipoise asks for a token">
      <p>
        Any token of role viewer or above; tokens are listed under <code>server.tokens</code> in{' '}
        <code>equipoise.yaml</code>. It is traded for a session cookie and not kept.
      </p>
      <form onSubmit={(event) => void submit(event)}>
        <label>
          Token
          <input
            type="password"
            required
            autocomplete="current-password"
            value={token.value}
            onInput={(event) => (token.value = event.currentTarget.value)}
          />
        </label>
        {fault.value !== '' && <p role="alert">{fault.value}</p>}
        <p class="buttons">
          <button class="primary">Continue</button>
        </p>
      </form>
    </Modal>
  )
}
