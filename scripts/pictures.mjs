// Takes the pictures of docs/pictures/ from a demo that really runs: `node scripts/pictures.mjs [minutes]`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from 'playwright-core'

const root = resolve(import.meta.dirname, '..')
const target = join(root, 'docs/pictures')
const minutes = Number(process.argv[2] ?? 8)

const data = mkdtempSync(join(tmpdir(), 'equipoise-pictures-'))
const binary = join(root, 'dist/src/cli/main.js')
const demo = spawn(
  process.execPath,
  [binary, 'demo', '--data', data, '--port', '0', '--gateway-port', '0'],
  { stdio: ['ignore', 'pipe', 'inherit'] },
)
const addresses = {}
for await (const line of createInterface({ input: demo.stdout })) {
  const [, name, url] = /^ +(page|lab) +(http:\S+)/.exec(line) ?? []
  if (name !== undefined) addresses[name] = url
  if (addresses.page !== undefined && addresses.lab !== undefined) break
}

const faultAfter = minutes * 0.6
console.error(
  `Traffic flows; the fault comes after ${faultAfter.toFixed(1)} of ${minutes} minutes.`,
)
await sleep(faultAfter * 60_000)
const fault = ['lab', 'fault', 'unsafe', '--model', 'Qwen2.5-7B-Instruct']
spawn(process.execPath, [binary, ...fault, '--control', addresses.lab])
await sleep((minutes - faultAfter) * 60_000)

mkdirSync(target, { recursive: true })
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
})
const views = [
  { name: 'fleet-light', colorScheme: 'light', viewport: { width: 1440, height: 900 } },
  { name: 'fleet-dark', colorScheme: 'dark', viewport: { width: 1440, height: 900 } },
  { name: 'fleet-phone', colorScheme: 'light', viewport: { width: 390, height: 844 } },
]
for (const { name, colorScheme, viewport } of views) {
  const page = await browser.newPage({ colorScheme, viewport })
  await page.goto(`${addresses.page}/?range=15m`)
  await sleep(4_000)
  await page.screenshot({ path: join(target, `${name}.png`), fullPage: name === 'fleet-phone' })
  console.error(`docs/pictures/${name}.png`)
  await page.close()
}
await browser.close()
demo.kill('SIGINT')
await once(demo, 'exit')
rmSync(data, { recursive: true, force: true })
