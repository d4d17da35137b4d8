// The process that is fuzzed. It is one of its own, so that a hang or a heap that bursts ends it and not the tests.
// Usage: main.ts <seed> <from> <to> <progress file>; the report is one line of JSON on standard output.
import { closeSync, openSync, writeSync } from 'node:fs'
import { runCampaign } from './campaign.ts'
import { startTestbed } from './testbed.ts'

const [seed = 1, from = 0, to = 10_000] = process.argv.slice(2, 5).map(Number)
const progress = openSync(process.argv[5] ?? '/dev/null', 'w')

let unhandled = 0
process.on('unhandledRejection', (reason) => {
  unhandled += 1
  console.error('unhandled rejection', reason)
})

const bed = await startTestbed()
const onCase = (index: number) => writeSync(progress, String(index).padEnd(12), 0)

/** The caches fill first; what grows after that does not stop growing. */
const warm = await runCampaign(bed, { seed, from, to: from + Math.ceil((to - from) / 2), onCase })
const before = memoryBytes()
const rest = await runCampaign(bed, { seed, from: from + warm.cases, to, onCase })
const after = memoryBytes()
await bed.close()
closeSync(progress)

const endings = new Map(Object.entries(warm.endings))
for (const [key, count] of Object.entries(rest.endings))
  endings.set(key, (endings.get(key) ?? 0) + count)
const { user, system } = process.cpuUsage()
console.log(
  JSON.stringify({
    seed,
    cases: warm.cases + rest.cases,
    endings: Object.fromEntries([...endings].toSorted(([a], [b]) => a.localeCompare(b))),
    records: rest.records,
    findings: [...warm.findings, ...rest.findings],
    findingCount: warm.findingCount + rest.findingCount + unhandled,
    slowest: warm.slowest.cpuMs > rest.slowest.cpuMs ? warm.slowest : rest.slowest,
    cpuSeconds: (user + system) / 1e6,
    heldBytes: after,
    grownBytes: after - before,
    rssBytes: process.resourceUsage().maxRSS * 1_024,
  }),
)

/** What is still held after the garbage is gone. */
function memoryBytes(): number {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
