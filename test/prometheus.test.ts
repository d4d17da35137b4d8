// A real Prometheus scrapes `/metrics`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { freePort } from './listening-port.ts'
import { eventually, runProgram } from './running-program.ts'

const binary = '/usr/bin/prometheus'

const answerSchema = z.object({
  data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()) })) }),
})

test.skipIf(!existsSync(binary))(
  'Prometheus scrapes cost and quality per model (needs Debian’s prometheus)',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'equipoise-prometheus-'))
    const ports = ['--port', '0', '--gateway-port', '0']
    const demo = runProgram(['demo', '--data', join(directory, 'data'), ...ports])
    const api = (await demo.line(/page +http:\/\/(\S+)/))[1] ?? ''
    const port = await freePort()
    await writeFile(
      join(directory, 'prometheus.yml'),
      `global: { scrape_interval: 2s }\nscrape_configs: [{ job_name: equipoise, static_configs: [{ targets: ["${api}"] }] }]\n`,
    )
    const prometheus = spawn(
      binary,
      [
        `--config.file=${join(directory, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(directory, 'tsdb')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    )
    try {
      const series = async (query: string) => {
        const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`
        const answer = await fetch(url).catch(() => undefined)
        if (answer?.ok !== true) return undefined
        const { result } = answerSchema.parse(await answer.json()).data
        return result.length >= 2 ? result : undefined
      }
      const cost = await eventually('cost of both models in Prometheus', () =>
        series('equipoise_model_cost_usd_per_hour'),
      )
      expect(cost.map(({ metric }) => metric)).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ model: 'gpt-oss-20b' }),
          expect.objectContaining({ model: 'Qwen2.5-7B-Instruct' }),
        ]),
      )
      await eventually('quality of both models in Prometheus', () =>
        series('equipoise_model_quality{dimension="composite"}'),
      )
    } finally {
      prometheus.kill()
      await once(prometheus, 'exit')
      await demo.end()
      await rm(directory, { recursive: true, force: true })
    }
  },
  120_000,
)
