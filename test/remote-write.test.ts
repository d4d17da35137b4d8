// A real Prometheus writes to the real program.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { freePort, listeningPort } from './listening-port.ts'
import { eventually, runProgram } from './running-program.ts'

const binary = '/usr/bin/prometheus'

const rowsSchema = z.object({ rows: z.array(z.array(z.unknown())) })

/** An exporter that counts; it stops answering when `isUp` is false. */
function startExporter() {
  const state = { isUp: true, scrapes: 0 }
  const server = createServer((_request, response) => {
    if (!state.isUp) return response.destroy()
    state.scrapes += 1
    return response
      .setHeader('content-type', 'text/plain; version=0.0.4')
      .end(
        [
          '# TYPE vllm:num_requests_running gauge',
          `vllm:num_requests_running{engine="0",model_name="mistral"} ${state.scrapes}`,
          '# TYPE shop_orders_total counter',
          `shop_orders_total{shop="a b"} ${state.scrapes * 10}`,
          '',
        ].join('\n'),
      )
  })
  return { state, server }
}

test.skipIf(!existsSync(binary))(
  'Prometheus writes known and unknown metrics, and the end of a series (needs Debian’s prometheus)',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'equipoise-remote-write-'))
    const { state, server } = startExporter()
    const exporter = `127.0.0.1:${await listeningPort(server)}`
    await writeFile(
      join(directory, 'equipoise.yaml'),
      `dataDirectory: ${join(directory, 'data')}\nserver: { port: 0 }\ngateway: { enabled: false }\n`,
    )
    const up = runProgram(['up', '-c', join(directory, 'equipoise.yaml')])
    const api = (await up.line(/http:\/\/(127\.0\.0\.1:\d+)/))[1] ?? ''
    await writeFile(
      join(directory, 'prometheus.yml'),
      JSON.stringify({
        global: { scrape_interval: '1s' },
        scrape_configs: [{ job_name: 'models', static_configs: [{ targets: [exporter] }] }],
        remote_write: [
          { url: `http://${api}/api/v1/write`, queue_config: { batch_send_deadline: '1s' } },
        ],
      }),
    )
    const prometheus = spawn(
      binary,
      [
        `--config.file=${join(directory, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(directory, 'tsdb')}`,
        `--web.listen-address=127.0.0.1:${await freePort()}`,
      ],
      { stdio: 'ignore' },
    )
    try {
      const rows = async (sql: string) => {
        const answer = await fetch(`http://${api}/api/v1/query`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ sql }),
        })
        const body: unknown = await answer.json()
        expect(answer.status, JSON.stringify(body)).toBe(200)
        return rowsSchema.parse(body).rows
      }
      const samplesOf = async (metric: string, stateName: string) =>
        await rows(
          `SELECT namespace, dimensions['instance'] AS instance, count(), uniqExact(time), max(value) FROM samples
          JOIN (SELECT DISTINCT series_id, namespace, metric, dimensions FROM series) AS known USING (series_id)
          WHERE metric = '${metric}' AND state = '${stateName}' GROUP BY namespace, instance`,
        )
      const running = await eventually('samples of the model server', async () => {
        const [row] = await samplesOf('req.running', 'present')
        return Number(row?.[2]) >= 3 ? row : undefined
      })
      expect(running.slice(0, 2)).toEqual(['/aws/sagemaker/InferenceComponents/mistral', exporter])
      // Each scrape is there once.
      expect(running[2]).toBe(running[3])
      const [orders] = await samplesOf('shop_orders_total', 'present')
      expect(orders?.[0]).toBe('/prometheus/models')
      expect(Number(orders?.[4]) % 10).toBe(0)
      state.isUp = false
      await eventually('the end of the series', async () => {
        const [row] = await samplesOf('req.running', 'stale')
        return row
      })
    } finally {
      prometheus.kill()
      await once(prometheus, 'exit')
      await up.end()
      server.closeAllConnections()
      server.close()
      await rm(directory, { recursive: true, force: true })
    }
  },
  120_000,
)
