import { expect, test } from 'vitest'
import { catalogue, catalogueEntry } from './catalogue.ts'

test.each([
  ['ml.g6.12xlarge', '4 x NVIDIA L4 of 24 GiB', 5.752],
  ['ml.g5.12xlarge', '4 x NVIDIA A10G of 24 GiB', 7.09],
  ['ml.g4dn.xlarge', '1 x NVIDIA T4 of 16 GiB', 0.7364],
  ['ml.g5.16xlarge', '1 x NVIDIA A10G of 24 GiB', 5.12],
  ['ml.g6.48xlarge', '8 x NVIDIA L4 of 24 GiB', 16.688],
  ['ml.g6e.12xlarge', '4 x NVIDIA L40S of 48 GiB', 13.1158],
  ['ml.g7e.12xlarge', '2 x NVIDIA RTX PRO 6000 of 96 GiB', 10.3576],
  ['ml.p4d.24xlarge', '8 x NVIDIA A100 of 40 GiB', 25.2513],
  ['ml.p5.48xlarge', '8 x NVIDIA H100 of 80 GiB', 63.296],
])('%s is %s at %d $/h', (type, gpus, usdPerHour) => {
  const entry = catalogueEntry(type)
  expect(`${entry?.gpuCount} x ${entry?.gpuModel} of ${entry?.gpuMemoryGiB} GiB`).toBe(gpus)
  expect(entry?.price?.usdPerHour).toBe(usdPerHour)
  expect(entry?.price?.estimated).toBe(false)
})

test.each([
  ['ml.p4de.24xlarge', 31.56],
  ['ml.p5.4xlarge', 7.91],
  ['ml.p5en.48xlarge', 72.79],
  ['ml.p6-b200.48xlarge', 131.02],
])('%s at %d $/h says that it is an estimate', (type, usdPerHour) => {
  const price = catalogueEntry(type)?.price
  expect(price?.usdPerHour).toBe(usdPerHour)
  expect(price?.estimated).toBe(true)
  expect(price?.source).toMatch(/^estimate: /)
})

test.each(['ml.g6e.16xlarge', 'ml.p5e.48xlarge', 'ml.p6-b300.48xlarge', 'ml.p6e-gb200.36xlarge'])(
  '%s has GPUs but no price, which is not a price of 0',
  (type) => {
    expect(catalogueEntry(type)?.gpuCount).toBeGreaterThan(0)
    expect(catalogueEntry(type)?.price).toBeNull()
  },
)

test('each type is listed once, and each price is positive with a source and an ISO date', () => {
  expect(catalogue).toHaveLength(45)
  expect(new Set(catalogue.map((entry) => entry.instanceType)).size).toBe(catalogue.length)
  for (const { price } of catalogue) {
    if (price === null) continue
    expect(price.usdPerHour).toBeGreaterThan(0)
    expect(price.source.length).toBeGreaterThan(10)
    expect(price.date).toMatch(/^\d{4}-\d{2}-\d{2}$/)
  }
})

test('an unknown type is absent', () => {
  expect(catalogueEntry('ml.g6.13xlarge')).toBeUndefined()
})
