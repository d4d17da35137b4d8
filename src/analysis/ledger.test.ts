import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Fleet, FleetNode, Gpu } from '../fleet/fleet.ts'
import type { LedgerEntry } from '../records/ledger-entry.ts'
import { ledgerForMinute, minutePriceNanoUsd, nanoUsd, splitByWeight } from './ledger.ts'

// 2026-09-01 10:07 UTC.
const minuteMs = 1_788_257_220_000

/** A node whose GPUs belong to the named components; `null` = nobody. */
function node(name: string, usdPerHour: number, owners: readonly (string | null)[]): FleetNode {
  const gpus = owners.map((owner, index): Gpu => {
    const copy = `${owner ?? ''}-${index}`
    return {
      id: `${name}/${index}`,
      node: name,
      index,
      uuid: '',
      model: 'NVIDIA L4',
      memoryBytes: 24 * 2 ** 30,
      owner: owner === null ? null : { component: owner, model: `model of ${owner}`, copy },
    }
  })
  const price = { usdPerHour, source: 'test', date: '2026-09-01' }
  return { name, instanceType: '', price, gpus, dcgmUrl: null }
}

const fleetOf = (...nodes: readonly FleetNode[]): Fleet => ({
  nodes,
  components: [],
  gpus: nodes.flatMap(({ gpus }) => gpus),
})

const sumNano = (lines: readonly LedgerEntry[]) =>
  lines.reduce((sum, line) => sum + nanoUsd(line.costUsd), 0)

const find = (lines: readonly LedgerEntry[], owner: string, component = '') =>
  lines.find((line) => line.owner === owner && line.component === component)

describe('two models on one server of four GPUs', () => {
  const fleet = fleetOf(node('gpu-1', 5.752, ['gpt', 'gpt', 'qwen', null]))
  const work = new Map([
    ['gpu-1/0', 0.5],
    ['gpu-1/1', 1],
    ['gpu-1/2', null],
  ])
  const lines = ledgerForMinute({ project: 'p', fleet, minuteMs, work })

  test('cost an hour is price times reserved share, and the free GPU is idle cost', () => {
    const hour = Array.from({ length: 60 }, (_, minute) =>
      ledgerForMinute({ project: 'p', fleet, minuteMs: minute * 60_000, work }),
    ).flat()
    const usdOf = (owner: string, component = '') =>
      sumNano(hour.filter((line) => line.owner === owner && line.component === component)) / 1e9
    expect(usdOf('model', 'gpt')).toBeCloseTo(5.752 / 2, 6)
    expect(usdOf('model', 'qwen')).toBeCloseTo(5.752 / 4, 6)
    expect(usdOf('idle')).toBeCloseTo(5.752 / 4, 6)
    expect(sumNano(hour)).toBe(5_752_000_000)
  })

  test('idle part of a reservation is the share without work, and null when not known', () => {
    const gpt = find(lines, 'model', 'gpt')
    expect(gpt?.idleCostUsd).toBeCloseTo((gpt?.costUsd ?? 0) * 0.25, 9)
    expect(find(lines, 'model', 'qwen')?.idleCostUsd).toBeNull()
    expect(find(lines, 'idle')?.idleCostUsd).toBe(0)
  })

  test('a line carries who, how many GPUs and where the price comes from', () => {
    expect(find(lines, 'model', 'gpt')).toMatchObject({
      project: 'p',
      minuteMs,
      node: 'gpu-1',
      model: 'model of gpt',
      gpus: 2,
      priceSource: 'test',
      priceDate: '2026-09-01',
    })
    expect(find(lines, 'idle')).toMatchObject({ model: '', gpus: 1 })
  })
})

test('one GPU with unknown work makes the idle part of its whole line unknown', () => {
  const fleet = fleetOf(node('n', 1, ['a', 'a']))
  const work = new Map([['n/0', 0]])
  expect(ledgerForMinute({ project: 'p', fleet, minuteMs, work })[0]?.idleCostUsd).toBeNull()
})

test('a node without GPUs and a node that nobody reserved are idle in full', () => {
  const fleet = fleetOf(node('cpu', 0.6, []), node('free', 6, [null, null]))
  const lines = ledgerForMinute({ project: 'p', fleet, minuteMs, work: new Map() })
  expect(lines.map((line) => [line.node, line.owner, line.gpus, line.costUsd])).toEqual([
    ['cpu', 'idle', 0, 0.01],
    ['free', 'idle', 2, 0.1],
  ])
})

test('a shared share is taken off before GPUs are charged', () => {
  const fleet = fleetOf(node('n', 6, ['a', null]))
  const shared = new Map([['n', 0.2]])
  const lines = ledgerForMinute({ project: 'p', fleet, minuteMs, work: new Map(), shared })
  expect(lines.map((line) => [line.owner, line.costUsd])).toEqual([
    ['model', 0.04],
    ['idle', 0.04],
    ['shared', 0.02],
  ])
  expect(() =>
    ledgerForMinute({
      project: 'p',
      fleet,
      minuteMs,
      work: new Map(),
      shared: new Map([['n', 2]]),
    }),
  ).toThrow(/0\.\.1, found 2/)
})

const component = fc.constantFrom('a', 'b', 'c', null)
const price = fc.double({ min: 0, max: 500, noNaN: true })
const share = fc.double({ min: 0, max: 1, noNaN: true })
const anyFleet = fc
  .array(fc.tuple(price, fc.array(component, { maxLength: 16 }), fc.option(share)), {
    maxLength: 6,
  })
  .map((parts) => ({
    fleet: fleetOf(...parts.map(([usd, owners], index) => node(`n${index}`, usd, owners))),
    shared: new Map(
      parts.flatMap(([, , value], index) =>
        value === null ? [] : [[`n${index}`, value] as const],
      ),
    ),
  }))
const anyWork = fc.infiniteStream(fc.option(share))
const anyMinute = fc.integer({ min: 0, max: 40_000_000 }).map((minute) => minute * 60_000)

test('models + idle + shared = bill, to the nano-dollar, for any fleet, split, use and minute', () => {
  const law = fc.property(anyFleet, anyWork, anyMinute, ({ fleet, shared }, shares, at) => {
    const work = new Map(
      fleet.gpus.map(({ id }) => {
        const next = shares.next()
        return [id, next.done === true ? null : next.value] as const
      }),
    )
    const lines = ledgerForMinute({ project: 'p', fleet, minuteMs: at, work, shared })
    for (const { name, price: nodePrice, gpus } of fleet.nodes) {
      const own = lines.filter((line) => line.node === name)
      expect(sumNano(own)).toBe(minutePriceNanoUsd(nodePrice.usdPerHour, at))
      expect(own.reduce((sum, line) => sum + line.gpus, 0)).toBe(gpus.length)
      const keys = own.map((line) => `${line.owner} ${line.component}`)
      expect(new Set(keys).size).toBe(keys.length)
    }
    for (const line of lines) {
      expect(line.costUsd).toBeGreaterThanOrEqual(0)
      if (line.idleCostUsd === null) continue
      expect(line.idleCostUsd).toBeGreaterThanOrEqual(0)
      expect(line.idleCostUsd).toBeLessThanOrEqual(line.costUsd)
    }
  })
  fc.assert(law, { numRuns: 500 })
})

test('GPUs of one node cost the same to one nano-dollar a line', () => {
  const law = fc.property(price, fc.array(component, { minLength: 1 }), (usd, owners) => {
    const fleet = fleetOf(node('n', usd, owners))
    const lines = ledgerForMinute({ project: 'p', fleet, minuteMs, work: new Map() })
    const total = minutePriceNanoUsd(usd, minuteMs)
    for (const line of lines) {
      const fair = (total * line.gpus) / owners.length
      expect(Math.abs(nanoUsd(line.costUsd) - fair)).toBeLessThan(1)
    }
  })
  fc.assert(law)
})

test('the minutes of an hour sum to the hourly price', () => {
  const law = fc.property(price, fc.nat(500_000), (usd, hour) => {
    const minutes = Array.from({ length: 60 }, (_, minute) => (hour * 60 + minute) * 60_000)
    const sum = minutes.reduce((partial, at) => partial + minutePriceNanoUsd(usd, at), 0)
    expect(sum).toBe(nanoUsd(usd))
  })
  fc.assert(law)
})

test('splitByWeight gives whole parts that sum to the whole, none off by a unit or more', () => {
  const weights = fc.array(fc.nat(64), { minLength: 1, maxLength: 20 })
  const law = fc.property(fc.nat(2_000_000_000), weights, (total, parts) => {
    const sum = parts.reduce((partial, weight) => partial + weight, 0)
    fc.pre(sum > 0)
    const split = splitByWeight(total, parts)
    expect(split.reduce((partial, part) => partial + part, 0)).toBe(total)
    for (const [index, part] of split.entries()) {
      expect(Math.abs(part - (total * (parts[index] ?? 0)) / sum)).toBeLessThan(1)
    }
  })
  fc.assert(law)
})
