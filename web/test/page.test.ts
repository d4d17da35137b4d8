// The built page in a real browser against fixture boards: what people see, reach and wait for.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Board } from '../../src/api/contract.ts'
import { chromiumArguments, chromiumPath } from '../fixtures/browser.ts'
import { startFixtureServer, type FixtureServer } from '../fixtures/server.ts'
import { bounds, count, percent, seconds, usd } from '../src/format.ts'

const present = existsSync(chromiumPath)
if (!present) {
  console.warn(`Skipped: no Chromium at ${chromiumPath}; install it or set CHROMIUM.`)
}

interface Visit {
  readonly page: Page
  readonly server: FixtureServer
  /** The board that the page last asked for. */
  readonly board: () => Board
  /** What went wrong in the browser. */
  readonly faults: string[]
  readonly requests: string[]
}

interface Outlook extends BrowserContextOptions {
  readonly prepare?: (server: FixtureServer) => void
  readonly query?: string
  readonly ready?: string
}

describe.skipIf(!present)('the page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'equipoise-page-'))
  const closers: (() => Promise<void>)[] = []
  let browser: Browser

  beforeAll(async () => {
    await build({
      configFile: join(import.meta.dirname, '../vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: folder, emptyOutDir: true },
    })
    browser = await chromium.launch({ executablePath: chromiumPath, args: chromiumArguments })
  })

  afterEach(async () => {
    for (const close of closers.splice(0)) await close()
  })

  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function visit(outlook: Outlook = {}): Promise<Visit> {
    const { prepare, query = '', ready = '.lanes canvas', ...options } = outlook
    const server = await startFixtureServer(folder, Date.now())
    prepare?.(server)
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      timezoneId: 'Europe/Berlin',
      ...options,
    })
    closers.push(
      () => context.close(),
      () => server.close(),
    )
    const page = await context.newPage()
    const faults: string[] = []
    const requests: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text())
    })
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('request', (request) => requests.push(request.url()))
    await page.goto(server.url + query)
    await page.waitForSelector(ready)
    return {
      page,
      server,
      faults,
      requests,
      board() {
        if (server.board === null) throw new Error('the page has asked for no board')
        return server.board
      },
    }
  }

  test('shows both models and the numbers of the board', async () => {
    const { page, board, faults } = await visit()
    const data = board()
    expect(await page.locator('.fleet tbody tr').count()).toBe(2)
    for (const model of data.models) {
      const { summary } = model
      const row = page.locator('.fleet tbody tr', { hasText: model.model })
      const texts = (await row.locator('td').allInnerTexts()).map((text) => text.trim())
      expect(texts.slice(0, 7)).toEqual([
        usd(summary.usdPerHour),
        percent((summary.idleCostUsd ?? 0) / (summary.costUsd ?? 1)),
        percent(summary.gpuDuty),
        percent(summary.gpuMemoryUsage),
        seconds(summary.ttftP95),
        percent(summary.errors / summary.calls),
        count(summary.calls),
      ])
      expect(texts.slice(-3)).toEqual([
        usd(summary.usdPerThousandCalls),
        usd(summary.usdPerMillionTokens),
        usd(summary.usdPerGoodAnswer?.value),
      ])
    }
    const figure = (id: string) => page.locator(`[data-figure="${id}"]`).innerText()
    expect(await figure('spend')).toContain(usd(data.fleet.usdPerHour.at(-1)))
    const lowest = data.models.toSorted(
      (a, b) =>
        (a.summary.quality['composite']?.value ?? 1) - (b.summary.quality['composite']?.value ?? 1),
    )[0]?.summary.quality['composite']
    expect(await figure('composite')).toContain(lowest?.value.toFixed(2))
    expect(await figure('composite')).toContain(bounds(lowest?.lower, lowest?.upper))
    expect(await figure('composite')).toContain(`n ${count(lowest?.n)}`)
    expect(await page.locator('.footnotes').innerText()).toContain(
      '$5.75 per hour, from AWS price list, eu-central-1, 2026-11-02',
    )
    expect(faults).toEqual([])
  })

  test('one crosshair reads out the step under the pointer in every lane', async () => {
    const { page, board } = await visit()
    const over = page.locator('#lane-serving .u-over')
    const box = await over.boundingBox()
    if (box === null) throw new Error('the lane has a size')
    await over.hover({ position: { x: Math.round(box.width / 3), y: 30 } })
    await page.waitForSelector('.crosshair')
    const data = board()
    const time = data.fromMs + (Math.round(box.width / 3) / box.width) * (data.toMs - data.fromMs)
    const index = data.timesMs.findLastIndex((start) => start <= time)
    for (const model of data.models) {
      const serving = page.locator('[data-lane="serving"] tr', { hasText: model.model })
      expect(await serving.locator('td').allInnerTexts()).toEqual([
        seconds(model.latency.ttftP50[index]),
        seconds(model.latency.ttftP95[index]),
        `${model.traffic.callsPerSecond[index]?.toFixed(2)}/s`,
      ])
      const cost = page.locator('[data-lane="cost"] tr', { hasText: model.model })
      expect(await cost.locator('td').allInnerTexts()).toEqual([
        usd(model.cost.usdPerHour[index]),
        usd(model.cost.idleUsdPerHour[index]),
      ])
    }
    // The vertical of the page and the dots of uPlot agree to the pixel.
    const line = await page.locator('.crosshair').boundingBox()
    expect(Math.abs((line?.x ?? 0) - box.x - box.width / 3)).toBeLessThan(2)
  })

  test('arrows and brackets move the crosshair without a pointer', async () => {
    const { page, board } = await visit()
    await page.keyboard.press('ArrowLeft')
    const first = await page.locator('.crosshair-time').innerText()
    await page.keyboard.press('Shift+ArrowLeft')
    expect(await page.locator('.crosshair-time').innerText()).not.toBe(first)
    await page.keyboard.press(']')
    expect(await page.locator('.event-readout').innerText()).toContain(
      board().events.find((event) => event.kind === 'deploy')?.title,
    )
    await page.keyboard.press('Escape')
    expect(await page.locator('.crosshair').count()).toBe(0)
  })

  test('a brush zooms every lane and is kept in the address; 0 leads back', async () => {
    const { page, board } = await visit()
    const before = board()
    const box = await page.locator('#lane-cost .u-over').boundingBox()
    if (box === null) throw new Error('the lane has a size')
    await page.mouse.move(box.x + box.width * 0.25, box.y + 20)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.4, box.y + 20, { steps: 4 })
    await page.mouse.move(box.x + box.width * 0.5, box.y + 20, { steps: 4 })
    await page.mouse.up()
    await page.waitForURL(/from=\d+&to=\d+/)
    const query = new URL(page.url()).searchParams
    const length = before.toMs - before.fromMs
    expect(Number(query.get('from'))).toBeCloseTo(before.fromMs + length * 0.25, -4)
    expect(Number(query.get('to'))).toBeCloseTo(before.fromMs + length * 0.5, -4)
    await expect.poll(() => board().toMs - board().fromMs).toBeLessThan(length / 3)
    await page.keyboard.press('0')
    await page.waitForURL((url) => !url.search.includes('from='))
    await page.goBack()
    await page.waitForURL(/from=\d+/)
  })

  test('the table sorts by key, a row draws its model alone', async () => {
    const { page } = await visit()
    const names = () => page.locator('.fleet tbody th .name').allInnerTexts()
    expect(await names()).toEqual(['gpt-oss-20b', 'Qwen2.5-7B-Instruct'])
    await page.locator('.fleet thead button', { hasText: '$/h' }).focus()
    await page.keyboard.press('Enter')
    expect(await names()).toEqual(['Qwen2.5-7B-Instruct', 'gpt-oss-20b'])
    expect(await page.locator('.fleet [aria-sort="ascending"]').innerText()).toContain('$/h')
    await page.locator('.fleet tbody tr', { hasText: 'gpt-oss-20b' }).locator('td').first().click()
    await page.waitForURL(/models=gpt-oss-20b/)
    expect(await page.locator('[data-lane="serving"] tbody tr').count()).toBe(1)
    await page.keyboard.press('Escape')
    expect(await page.locator('[data-lane="serving"] tbody tr').count()).toBe(2)
  })

  test('a firing alert stands first, in words, and is announced when it is new', async () => {
    const { page, server, board } = await visit()
    expect(await page.locator('.verdict').innerText()).toContain('All calm.')
    await expect.poll(() => server.listeners()).toBe(1)
    server.scenario = 'firing'
    server.tick()
    await page.waitForSelector('.verdict.firing')
    const summary = board().alerts[0]?.summary ?? 'no alert'
    expect(await page.locator('.alert-line').innerText()).toContain(summary)
    expect(await page.locator('[aria-live]').innerText()).toContain(summary)
    expect(await page.title()).toBe('(1) Equipoise')
    expect(await page.locator('.alert-span.firing').count()).toBe(1)
  })

  test('ticks refetch at most every two seconds, pause stops them', async () => {
    const { page, server } = await visit()
    await expect.poll(() => server.listeners()).toBe(1)
    const before = server.asked
    for (let i = 0; i < 20; i++) server.tick()
    await expect.poll(() => server.asked, { timeout: 10_000 }).toBeGreaterThan(before)
    expect(server.asked).toBe(before + 1)
    await page.locator('.live').click()
    expect(await page.locator('.live').innerText()).toBe('paused')
  })

  test('what is missing is said, never drawn as zero', async () => {
    const { page } = await visit({ prepare: (server) => (server.scenario = 'gaps') })
    expect(await page.locator('.gaps summary').innerText()).toContain('start the DCGM exporter')
    expect(await page.locator('#lane-quality .missing').innerText()).toContain('No answer scored')
    expect(await page.locator('[data-figure="composite"]').innerText()).toContain('no data')
    expect(await page.locator('[data-figure="unit-cost"]').innerText()).toContain('1,000 calls')
  })

  test('the first run teaches the first call', async () => {
    const { page, faults } = await visit({
      prepare: (server) => (server.scenario = 'empty'),
      ready: '.guide',
    })
    expect(await page.locator('.guide pre').innerText()).toContain(
      'curl http://127.0.0.1:4601/v1/chat/completions',
    )
    expect(faults).toEqual([])
  })

  test('a server that went away is said, and the last board stays', async () => {
    const { page, server } = await visit()
    server.away = true
    await page.getByRole('button', { name: '1h', exact: true }).click()
    await page.waitForSelector('.away')
    expect(await page.locator('.away').innerText()).toContain('The store is starting.')
    expect(await page.locator('.live').innerText()).toBe('offline')
    expect(await page.locator('.fleet tbody tr').count()).toBe(2)
  })

  test('a token opens the page', async () => {
    const { page } = await visit({
      prepare: (server) => (server.token = 'sixteen-letters-1'),
      ready: 'dialog',
    })
    await page.getByRole('textbox', { name: 'Token' }).fill('wrong')
    await page.keyboard.press('Enter')
    await page.waitForSelector('dialog [role="alert"]')
    await page.getByRole('textbox', { name: 'Token' }).fill('sixteen-letters-1')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.lanes canvas')
    expect(await page.locator('dialog').count()).toBe(0)
  })

  test('a lane can be read as a table', async () => {
    const { page, board } = await visit()
    await page.getByRole('button', { name: 'View cost as table' }).click()
    const newest = page.locator('#table-cost tbody tr').first()
    expect(await newest.innerText()).toContain(usd(board().models[0]?.cost.usdPerHour[0]))
    expect(await page.locator('canvas[role="img"][aria-label]').count()).toBe(7)
    expect(await page.locator('canvas:not([role="img"])').count()).toBe(0)
  })

  const scenes: Readonly<Record<string, Outlook>> = {
    light: { colorScheme: 'light' },
    'firing, dark': { colorScheme: 'dark', prepare: (s) => (s.scenario = 'firing') },
    'forced colours': { forcedColors: 'active' },
    narrow: { viewport: { width: 390, height: 844 }, prepare: (s) => (s.scenario = 'firing') },
    'first run': { prepare: (s) => (s.scenario = 'empty'), ready: '.guide' },
  }
  test.each(Object.entries(scenes))('nothing keeps anyone out: %s', async (_, outlook) => {
    const { page } = await visit({ ...outlook, bypassCSP: true })
    const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
    await page.addScriptTag({ path: axe })
    const violations = await page.evaluate<string[]>(
      `axe.run(document).then(({ violations }) => violations.map(({ id, impact, nodes }) =>
        impact + ' ' + id + ': ' + nodes.map((node) => node.html).join(' ')))`,
    )
    expect(violations.filter((text) => /^(serious|critical)/.test(text))).toEqual([])
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(overflow).toBe(0)
  })

  test('small, alone and without inline script', async () => {
    const { page, server, requests, faults } = await visit({ query: '?theme=dark' })
    expect(requests.filter((url) => !url.startsWith(server.url))).toEqual([])
    const assets = readdirSync(join(folder, 'assets'))
    const size = (end: string) =>
      assets
        .filter((name) => name.endsWith(end))
        .reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, 'assets', name))).length, 0)
    expect(size('.js')).toBeLessThanOrEqual(90 * 1024)
    expect(size('.css')).toBeLessThanOrEqual(15 * 1024)
    expect(await page.locator('*').count()).toBeLessThanOrEqual(2500)
    expect(readFileSync(join(folder, 'index.html'), 'utf8')).not.toMatch(/<script(?![^>]*\bsrc=)/)
    const script = assets.filter((name) => name.endsWith('.js'))
    const text = script.map((name) => readFileSync(join(folder, 'assets', name), 'utf8')).join('')
    expect(text).not.toContain('gpt-oss-20b')
    expect(faults).toEqual([])
  })
})
