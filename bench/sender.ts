import { Agent, request } from 'node:http'

/** One connection: each request when the one before is answered. */
export async function send(
  url: string,
  bodies: readonly Buffer[],
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  try {
    for (const body of bodies) await post(url, body, { agent, headers })
  } finally {
    agent.destroy()
  }
}

function post(
  url: string,
  body: Buffer,
  { agent, headers }: { readonly agent: Agent; readonly headers: Readonly<Record<string, string>> },
): Promise<void> {
  return new Promise((done, failed) => {
    const all = { ...headers, 'content-length': body.length }
    const sent = request(url, { method: 'POST', agent, headers: all }, (answer) => {
      let text = ''
      answer.on('data', (data: Buffer) => {
        text += data.toString()
      })
      answer.on('end', () => {
        if (answer.statusCode === 204 || answer.statusCode === 200) done()
        else failed(new Error(`${url} answered ${answer.statusCode}: ${text.slice(0, 300)}`))
      })
    })
    sent.on('error', failed)
    sent.end(body)
  })
}
