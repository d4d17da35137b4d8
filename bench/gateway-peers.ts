// Processes that the gateway benchmark measures against: a static upstream and a reverse proxy, both nginx.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'

const nginxPath = ['/usr/sbin/nginx', '/usr/bin/nginx'].find((path) => existsSync(path))
const wrkPath = ['/usr/bin/wrk', '/usr/local/bin/wrk'].find((path) => existsSync(path))
const hasTaskset = spawnSync('taskset', ['-V']).status === 0

export const hasNginx = nginxPath !== undefined
export const hasWrk = wrkPath !== undefined

/** Command line that runs a program on one core, where that can be said. */
export function onCore(core: number, command: readonly string[]): readonly string[] {
  return hasTaskset ? ['taskset', '-c', String(core), ...command] : command
}

export interface Peer {
  readonly url: string
  stop(): void
}

/** nginx that answers every request with the same JSON. */
export async function startStaticNginx(directory: string, core: number): Promise<Peer> {
  const choice = {
    index: 0,
    message: { role: 'assistant', content: 'word '.repeat(80) },
    finish_reason: 'stop',
  }
  const usage = { prompt_tokens: 200, completion_tokens: 80, total_tokens: 280 }
  const answer = JSON.stringify({
    id: 'x',
    object: 'chat.completion',
    model: 'bench',
    choices: [choice],
    usage,
  })
  const location = `default_type application/json; return 200 '${answer}';`
  return startNginx(join(directory, 'static'), core, location)
}

/** nginx as a reverse proxy with kept-alive connections upstream and no buffering, as for streams. */
export async function startProxyNginx(
  directory: string,
  core: number,
  upstream: string,
): Promise<Peer> {
  const location =
    'proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;'
  const block = `upstream up { server ${upstream.replace('http://', '')}; keepalive 256; }`
  return startNginx(join(directory, `proxy-${new URL(upstream).port}`), core, location, block)
}

async function startNginx(
  directory: string,
  core: number,
  location: string,
  block = '',
): Promise<Peer> {
  const port = await freePort()
  await mkdir(directory, { recursive: true })
  const file = join(directory, 'nginx.conf')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${directory}/${kind};`,
  )
  await writeFile(
    file,
    `worker_processes 1; daemon off; pid ${directory}/pid; error_log ${directory}/error.log;
events { worker_connections 2048; }
http { access_log off; keepalive_requests 1000000; ${temporary.join(' ')} ${block}
  server { listen 127.0.0.1:${port}; location / { ${location} } } }`,
  )
  const [command = '', ...args] = onCore(core, [nginxPath ?? 'nginx', '-p', directory, '-c', file])
  const child = spawn(command, args, { stdio: 'ignore' })
  await reachable(port, child)
  return { url: `http://127.0.0.1:${port}`, stop: () => void child.kill('SIGTERM') }
}

/** A port that was free a moment ago, for programs that cannot pick one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => {
    server.close(resolve)
  })
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function reachable(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 100 && child.exitCode === null; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => null)
    if (answer !== null) return
    await new Promise((resolve) => {
      setTimeout(resolve, 50)
    })
  }
  throw new Error(`nginx did not start on port ${port}`)
}

export interface Load {
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly errors: number
}

/** Runs `wrk` with one thread against a URL. */
export async function runWrk(options: {
  readonly url: string
  readonly connections: number
  readonly seconds: number
  readonly script: string
  readonly core: number
}): Promise<Load> {
  const { url, connections, seconds, script, core } = options
  const args = [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--timeout',
    '10s',
    '--latency',
    '-s',
    script,
    url,
  ]
  const [command = '', ...rest] = onCore(core, [wrkPath ?? 'wrk', ...args])
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString()
  })
  await new Promise((resolve) => {
    child.on('close', resolve)
  })
  const p50 = /50%\s+([\d.]+)(us|ms|s)/.exec(text)
  const unit = { us: 0.001, ms: 1, s: 1_000 }[p50?.[2] ?? 'ms'] ?? 1
  return {
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1] ?? Number.NaN),
    p50Ms: Number(p50?.[1] ?? Number.NaN) * unit,
    errors: Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0),
  }
}
