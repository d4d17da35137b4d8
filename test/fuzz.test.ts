// Damaged bodies for every door: each is taken in part or refused with a reason; nothing breaks, hangs or grows.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'

const cases = Number(process.env['EQUIPOISE_FUZZ_CASES'] ?? 10_000)
const seed = Number(process.env['EQUIPOISE_FUZZ_SEED'] ?? 20_261_124)

/** A hang is told by the processor time it burns, since the clock of a busy machine tells nothing. */
const mostCpuSeconds = 120 + Math.ceil(cases / 100)

const mebibyte = 2 ** 20

/** Bodies of up to 20 MiB, unpacked, and what they become; all memories of the receivers filled. */
const mostRssBytes = 900 * mebibyte
const mostGrownBytes = 96 * mebibyte

const reportSchema = z.object({
  cases: z.number(),
  endings: z.record(z.string(), z.number()),
  findings: z.array(z.unknown()),
  findingCount: z.number(),
  slowest: z.object({ index: z.number(), cpuMs: z.number() }),
  cpuSeconds: z.number(),
  grownBytes: z.number(),
  rssBytes: z.number(),
})

const doors = ['traces', 'metrics', 'logs', 'write', 'calls', 'scores', 'scrape']

test(`${cases} damaged bodies (seed ${seed}) are taken in part or refused with a reason`, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'equipoise-fuzz-'))
  try {
    const report = await fuzz(join(directory, 'case'))
    console.log(`fuzz, seed ${seed}: ${JSON.stringify(report)}`)
    expect(report.findings).toEqual([])
    expect(report).toMatchObject({ findingCount: 0, cases })
    // Each door has been on both sides: damage that nobody notices, or always, tests little.
    const missing = doors.filter(
      (door) => !(endsOf(report, door, 'refused') > 0 && endsOf(report, door, 'taken') > 0),
    )
    expect(cases < 2_000 ? [] : missing).toEqual([])
    expect(report.grownBytes).toBeLessThan(mostGrownBytes)
    expect(report.rssBytes).toBeLessThan(mostRssBytes)
  } finally {
    await rm(directory, { recursive: true })
  }
})

function endsOf(report: z.output<typeof reportSchema>, door: string, ending: string): number {
  return report.endings[`${door} ${ending}`] ?? 0
}

async function fuzz(progress: string): Promise<z.output<typeof reportSchema>> {
  const main = join(import.meta.dirname, 'fuzz', 'main.ts')
  const limits = ['--expose-gc', '--max-old-space-size=512', '--max-semi-space-size=32']
  const numbers = [seed, 0, cases].map(String)
  const node = [process.execPath, '--import', 'tsx', ...limits, main, ...numbers, progress]
  const child = spawn('/bin/sh', ['-c', `ulimit -t ${mostCpuSeconds}; exec "$@"`, 'sh', ...node], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.err += text))
  const [code, signal]: unknown[] = await once(child, 'close')
  if (code !== 0 || output.out === '') {
    const last = (await readFile(progress, 'utf8').catch(() => 'none')).trim()
    throw new Error(
      `the process ended (code ${String(code)}, signal ${String(signal)}) within case ${last} of seed ${seed}: ${output.err.slice(-2_000)}`,
    )
  }
  return reportSchema.parse(JSON.parse(output.out))
}
