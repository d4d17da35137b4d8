import { afterEach, expect, test } from 'vitest'
import { gpuUuid, startDcgmServer, type DcgmServer } from './dcgm-server.ts'

let server: DcgmServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

const half = { busyShare: () => ({ busy: 0.5, prefill: 0.1, decode: 0.4 }) }

async function scrape(): Promise<string[]> {
  server ??= await startDcgmServer({
    port: 0,
    hostname: 'gpu-server-1',
    gpuModel: 'NVIDIA L4',
    memoryMiB: 23_034,
    loads: [half, null],
  })
  return (await (await fetch(`${server.url}/metrics`)).text()).split('\n')
}

function valueOf(lines: readonly string[], name: string, gpu: number): string | undefined {
  return lines.find((line) => line.startsWith(`${name}{gpu="${gpu}"`))?.split('} ')[1]
}

test('names, labels and their order are the exporter’s', async () => {
  const lines = await scrape()
  const uuid = gpuUuid('gpu-server-1', 0)
  expect(uuid).toMatch(/^GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  expect(lines).toContain(
    `DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="${uuid}",pci_bus_id="00000000:38:00.0",device="nvidia0",modelName="NVIDIA L4",hostname="gpu-server-1",DCGM_FI_DRIVER_VERSION="570.86.15"} 50`,
  )
  expect(lines).toContain('# TYPE DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION counter')
})

test('a loaded GPU works and holds memory, an unreserved one idles', async () => {
  const lines = await scrape()
  expect(valueOf(lines, 'DCGM_FI_PROF_GR_ENGINE_ACTIVE', 0)).toBe('0.500000')
  expect(Number(valueOf(lines, 'DCGM_FI_PROF_DRAM_ACTIVE', 0))).toBeGreaterThan(0.2)
  expect(valueOf(lines, 'DCGM_FI_DEV_GPU_UTIL', 1)).toBe('0')
  const memory = (gpu: number) =>
    ['USED', 'FREE', 'RESERVED'].map((part) =>
      Number(valueOf(lines, `DCGM_FI_DEV_FB_${part}`, gpu)),
    )
  const [used = 0] = memory(0)
  expect(used / 23_034).toBeCloseTo(0.9, 2)
  for (const gpu of [0, 1]) {
    expect(memory(gpu).reduce((sum, part) => sum + part, 0)).toBe(23_034)
  }
  expect(memory(1)[0]).toBeLessThan(10)
})

test('the missing sensor is a sentinel, and energy only grows', async () => {
  const [first, second] = [await scrape(), await scrape()]
  expect(valueOf(first, 'DCGM_FI_DEV_MEMORY_TEMP', 0)).toBe('9223372036854775794')
  const energy = (lines: string[]) =>
    Number(valueOf(lines, 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', 0))
  expect(energy(second)).toBeGreaterThan(energy(first))
})
