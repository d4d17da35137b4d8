// A process of the gateway benchmark, started by gateway.ts: `upstream` is a model server that costs next to nothing,
// `gateway` is Equipoise's data plane with keys, queue, metering, sampling and a durable spool switched on.
import { createServer, type ServerResponse } from 'node:http'
import { configSchema } from '../src/config/schema.ts'
import { startGateway } from '../src/gateway/gateway.ts'
import { openSpool } from '../src/spool/spool.ts'
import { createLog } from '../src/telemetry/log.ts'

const [role, ...args] = process.argv.slice(2)

if (role === 'upstream') startUpstream()
if (role === 'gateway') await runGateway(args)

const tokens = 10
const tokenEveryMs = 10

function startUpstream(): void {
  const answer = JSON.stringify({
    id: 'x',
    object: 'chat.completion',
    created: 1,
    model: 'bench',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'word '.repeat(80) },
        finish_reason: 'stop',
      },
    ],
    usage: { prompt_tokens: 200, completion_tokens: 80, total_tokens: 280 },
  })
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (data: Buffer) => {
      body += data.toString('latin1')
    })
    request.on('end', () => {
      if (body.includes('"stream":true')) sendStream(response)
      else {
        response.writeHead(200, {
          'content-type': 'application/json',
          'content-length': answer.length,
        })
        response.end(answer)
      }
    })
  })
  server.listen(0, '127.0.0.1', () => report(server.address()))
}

function sendStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  let sent = 0
  const timer = setInterval(() => {
    sent += 1
    const choice = { index: 0, delta: { content: 'word ' }, finish_reason: null }
    response.write(`data: ${JSON.stringify({ id: 'x', choices: [choice] })}\n\n`)
    if (sent < tokens) return
    clearInterval(timer)
    const stop = { index: 0, delta: {}, finish_reason: 'stop' }
    const usage = { prompt_tokens: 200, completion_tokens: tokens, total_tokens: 200 + tokens }
    response.write(`data: ${JSON.stringify({ id: 'x', choices: [stop] })}\n\n`)
    response.end(`data: ${JSON.stringify({ id: 'x', choices: [], usage })}\n\ndata: [DONE]\n\n`)
  }, tokenEveryMs)
  response.on('close', () => clearInterval(timer))
}

function component(name: string, url: string | undefined) {
  const copies = [{ id: `${name}-1`, url, node: 'n', gpus: [0] }]
  return { name, concurrency: 512, queue: 512, copies }
}

async function runGateway([jsonUrl, streamUrl, key, directory, sampling]: string[]): Promise<void> {
  const config = configSchema.parse({
    gateway: { port: 0, keys: [{ key, tenant: 'bench' }], sampling },
    fleet: { components: [component('bench', jsonUrl), component('stream', streamUrl)] },
  })
  const log = createLog('gateway', 'warn')
  const spool = await openSpool({
    directory: directory ?? '.',
    writer: 'gateway',
    config: config.spool,
    log,
    now: Date.now,
  })
  const machine = {
    gpuIds: ['n/0'],
    requestsRunning: null,
    requestsWaiting: null,
    kvCacheUsage: null,
    gpuDuty: null,
    gpuTemperatureCelsius: null,
  }
  const { accept } = spool
  const gateway = await startGateway({ config, accept, machineState: () => machine, log })
  report({ port: gateway.port })
  process.on('message', () => {
    process.send?.({ cpuSeconds: cpuSeconds(), rssMiB: process.memoryUsage().rss / 2 ** 20 })
  })
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

function report(address: unknown): void {
  process.send?.(address)
}
