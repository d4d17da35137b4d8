// `npm run bench -- NAME [--option value]`: the one way to measure. The last line is one JSON object.
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import type { Benchmark } from './benchmark.ts'
import { calibration } from './calibration.ts'
import { evaluators } from './evaluators.ts'
import { gateway } from './gateway.ts'
import { ingest } from './ingest.ts'
import { isolation } from './isolation.ts'
import { store } from './store.ts'

const benchmarks: readonly Benchmark[] = [
  calibration,
  evaluators,
  gateway,
  ingest,
  isolation,
  store,
]

const [name, ...rest] = process.argv.slice(2)
const chosen = benchmarks.find((benchmark) => benchmark.name === name)

if (chosen === undefined) {
  if (name !== undefined) console.error(`No benchmark is called "${name}".\n`)
  console.log('npm run bench -- NAME [--option value]\n')
  for (const benchmark of benchmarks) {
    console.log(`  ${benchmark.name.padEnd(12)} ${benchmark.summary}`)
    for (const [option, meaning] of Object.entries(benchmark.options)) {
      console.log(`  ${''.padEnd(12)}   --${option.padEnd(14)} ${meaning}`)
    }
  }
  process.exitCode = name === undefined ? 0 : 2
} else {
  const options = Object.fromEntries(
    Object.keys(chosen.options).map((option) => [option, { type: 'string' as const }]),
  )
  const { values } = parseArgs({ args: rest, options })
  const given = Object.entries(values).filter((entry): entry is [string, string] => {
    return typeof entry[1] === 'string'
  })
  const gib = Math.round(totalmem() / 2 ** 30)
  console.log(
    `${chosen.name}: ${cpus().length} x ${cpus()[0]?.model ?? 'unknown CPU'}, ${gib} GiB, Node ${process.versions.node}\n`,
  )
  const figures = await chosen.run(Object.fromEntries(given))
  console.log(JSON.stringify(figures))
}
