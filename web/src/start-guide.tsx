import type { JSX } from 'preact'
import type { Board } from '../../src/api/contract.ts'
import { StatusMark } from './marks.tsx'

/** What to do when there is nothing to draw yet. */
export function StartGuide({ board }: { readonly board: Board }): JSX.Element {
  const gateway = board.gatewayUrl ?? `${location.protocol}//${location.hostname}:4601`
  const model = board.models[0]?.model
  return (
    <section class="guide" aria-labelledby="name-guide">
      <h2 id="name-guide">Nothing has flowed yet. Three steps to a living page.</h2>
      <ol>
        <li class={model === undefined ? '' : 'done'}>
          <h3>
            Name the fleet {model !== undefined && <Done words={`${board.models.length} found`} />}
          </h3>
          <p>
            <code>equipoise init</code> writes a commented <code>equipoise.yaml</code>: servers with
            their price, models with their copies and GPUs. <code>equipoise check</code> explains
            every mistake in it.
          </p>
        </li>
        <li>
          <h3>Send a first call through the gateway</h3>
          <p>
            It speaks the OpenAI API: point any client at <code>{gateway}/v1</code>, or try this.
          </p>
          <pre tabIndex={0}>{curlOf(gateway, model ?? 'MODEL')}</pre>
        </li>
        <li>
          <h3>Watch it arrive</h3>
          <p>
            Latency and cost appear within seconds, the first quality score within a minute. GPU
            lanes fill once a node has <code>dcgmUrl</code>, the address of its DCGM exporter.
          </p>
        </li>
      </ol>
      <p class="guide-foot">
        No model server at hand? <code>npm start</code> runs a demo fleet on this machine.
      </p>
    </section>
  )
}

function Done({ words }: { readonly words: string }): JSX.Element {
  return (
    <span class="done-mark">
      <StatusMark status="ok" /> {words}
    </span>
  )
}

/** A first chat call, ready to paste into a shell. */
export function curlOf(gateway: string, model: string): string {
  const body = JSON.stringify({
    model,
    messages: [{ role: 'user', content: 'Say hello.' }],
  })
  return [
    `curl ${gateway}/v1/chat/completions \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d '${body.replaceAll("'", String.raw`'\''`)}'`,
  ].join('\n')
}
