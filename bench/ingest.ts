// How fast samples and calls get in, wire to queryable, beside Prometheus and VictoriaMetrics in the same run.
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Benchmark } from './benchmark.ts'
import { measureCallsDoor } from './calls-door.ts'
import { makeWriteLoad, type WriteLoad } from './lab-samples.ts'
import { measureSpoolLoad } from './spool-load.ts'
import { runLap, type Lap } from './write-race.ts'
import { isThere, writeServers } from './write-servers.ts'

export const ingest: Benchmark = {
  name: 'ingest',
  summary: 'Samples and calls in, wire to queryable, beside Prometheus and VictoriaMetrics.',
  options: {
    samples: 'Samples to write (4000000).',
    series: 'Series that they belong to (10000).',
    requests: 'Series a write request (2000).',
    connections: 'Connections that write at the same time (4).',
    rounds: 'Times that each system has its turn; medians are reported (3).',
    systems: 'Which to run (equipoise,prometheus,victoriametrics).',
    calls: 'Calls with 2 KB of text to write over HTTP; 0 leaves them out (50000).',
    rows: 'Calls of the comparison without the wire; 0 leaves it out (100000).',
  },
  async run(options) {
    const number = (name: string, usual: number) => Number(options[name] ?? usual)
    const systems = (options['systems'] ?? 'equipoise,prometheus,victoriametrics').split(',')
    const load = makeWriteLoad({
      samples: number('samples', 4_000_000),
      series: number('series', 10_000),
      seriesPerRequest: number('requests', 2_000),
      connections: number('connections', 4),
      endMs: Date.now(),
    })
    const laps = await race(load, systems, number('rounds', 3))
    const calls = await doorFigures(number('calls', 50_000), number('connections', 4))
    const rows = number('rows', 100_000)
    const spool = rows === 0 ? {} : await measureSpoolLoad({ rows, batch: 100, callers: 8 })
    return { ...figuresOf(load, laps), ...calls, ...spool }
  },
}

async function doorFigures(calls: number, connections: number): Promise<Record<string, number>> {
  if (calls === 0) return {}
  const directory = await mkdtemp(join(tmpdir(), 'bench-ingest-'))
  try {
    const rate = await measureCallsDoor({ calls, connections, directory, core: serverCore })
    const [perSecond, perCoreSecond] = [calls / rate.seconds, calls / rate.cpuSeconds]
    console.log(
      `\ncalls with 2 KB of text over HTTP  ${Math.round(perSecond)} calls/s  ${Math.round(perCoreSecond)} a core-second\n`,
    )
    return { calls_per_s: Math.round(perSecond), calls_per_core_s: Math.round(perCoreSecond) }
  } finally {
    await rm(directory, { recursive: true })
  }
}

const serverCore = 0
const clientCore = 1

async function race(
  load: WriteLoad,
  systems: readonly string[],
  rounds: number,
): Promise<readonly Lap[]> {
  stayOffTheServersCore()
  console.log(
    `${load.samples.toLocaleString('en-US')} samples of ${load.series.toLocaleString('en-US')} series, ${rounds} rounds; server on core ${serverCore}, client on core ${clientCore}\n`,
  )
  const laps: Lap[] = []
  const chosen = writeServers.filter((kind) => systems.includes(kind.name))
  for (const kind of chosen.filter((each) => !isThere(each))) {
    console.log(`${kind.name} is left out: ${kind.binary} is not there`)
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of chosen.filter(isThere)) {
      const directory = await mkdtemp(join(tmpdir(), 'bench-ingest-'))
      try {
        const lap = await runLap(kind, load, { directory, core: serverCore })
        laps.push(lap)
        console.log(describe(load, lap))
      } finally {
        await rm(directory, { recursive: true })
      }
    }
  }
  return laps
}

/** Where the system has no `taskset` it decides itself. */
function stayOffTheServersCore(): void {
  spawnSync('taskset', ['-a', '-c', '-p', String(clientCore), String(process.pid)])
}

function describe(load: WriteLoad, lap: Lap): string {
  const rate = load.samples / lap.seconds
  return [
    lap.name.padEnd(16),
    `${Math.round(rate).toLocaleString('en-US').padStart(9)} samples/s`,
    `${Math.round(load.samples / lap.cpuSeconds)
      .toLocaleString('en-US')
      .padStart(9)} a core-second`,
    `${(lap.bytes / load.samples).toFixed(2)} bytes a sample`,
    lap.rollupBytes > 0 ? `(+ ${(lap.rollupBytes / load.samples).toFixed(2)} of rollups)` : '',
    `${Math.round(lap.peakRssMiB)} MiB`,
    `answered ${lap.answeredSeconds.toFixed(1)} s, queryable ${lap.seconds.toFixed(1)} s`,
    (lap.missing ?? 0) === 0 ? '' : `${lap.missing} SAMPLES ARE MISSING`,
  ].join('  ')
}

function figuresOf(load: WriteLoad, laps: readonly Lap[]): Record<string, number> {
  const of = (name: string, value: (lap: Lap) => number) =>
    median(laps.filter((lap) => lap.name === name).map(value))
  const rate = (name: string) => of(name, (lap) => load.samples / lap.seconds)
  const cpuRate = (name: string) => of(name, (lap) => load.samples / lap.cpuSeconds)
  const bytes = (name: string) => of(name, (lap) => lap.bytes / load.samples)
  const ours = 'equipoise'
  return {
    samples_per_s: Math.round(rate(ours)),
    vs_prometheus: rounded(rate(ours) / rate('prometheus')),
    vs_victoriametrics: rounded(rate(ours) / rate('victoriametrics')),
    missing_samples: of(ours, (lap) => lap.missing ?? 0),
    bytes_per_sample: rounded(bytes(ours)),
    rollup_bytes_per_sample: rounded(of(ours, (lap) => lap.rollupBytes / load.samples)),
    samples_per_core_s: Math.round(cpuRate(ours)),
    core_vs_prometheus: rounded(cpuRate(ours) / cpuRate('prometheus')),
    core_vs_victoriametrics: rounded(cpuRate(ours) / cpuRate('victoriametrics')),
    bytes_per_sample_prometheus: rounded(bytes('prometheus')),
    bytes_per_sample_victoriametrics: rounded(bytes('victoriametrics')),
    rss_mib: Math.round(of(ours, (lap) => lap.peakRssMiB)),
    rss_mib_prometheus: Math.round(of('prometheus', (lap) => lap.peakRssMiB)),
    rss_mib_victoriametrics: Math.round(of('victoriametrics', (lap) => lap.peakRssMiB)),
  }
}

/** NaN, which is null in the JSON line, of a system that did not run. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
