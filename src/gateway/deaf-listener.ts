// For tests: a loopback port on which a connect is neither accepted nor refused, as behind a dead router.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface DeafListener {
  readonly url: string
  close(): void
}

/** Listens in a process with a backlog of one, which is then stopped, and fills the backlog. */
export async function listenDeaf(): Promise<DeafListener> {
  const child = spawn(
    process.execPath,
    [
      '-e',
      `const server = require('node:net').createServer()
       server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port))`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [chunk]: unknown[] = await once(child.stdout, 'data')
  const port = Number(String(chunk))
  child.kill('SIGSTOP')
  const waiting: Socket[] = []
  // The kernel takes a few more than the backlog says; the first one left without an answer proves it full.
  for (let answered = true; answered;) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    waiting.push(socket)
    answered = await Promise.race([
      once(socket, 'connect').then(() => true),
      new Promise<boolean>((resolve) => setTimeout(resolve, 200, false)),
    ])
  }
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      for (const socket of waiting) socket.destroy()
      child.kill('SIGKILL')
    },
  }
}
