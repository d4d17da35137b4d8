import { expect, test } from 'vitest'
import { changedComponents, changedSections, needRestart } from './changed-sections.ts'
import { parseConfig } from './load.ts'

const copy = (id: string, gpu: number) => `{ id: ${id}, url: "http://h", node: n, gpus: [${gpu}] }`
const fleet = (...components: readonly string[]) =>
  parseConfig(
    `fleet: { nodes: [{ name: n, instanceType: ml.g6.12xlarge }], components: [${components.join(', ')}] }`,
    'e.yaml',
    {},
  ).config
const a = `{ name: a, copies: [${copy('a-0', 0)}] }`
const b = `{ name: b, copies: [${copy('b-0', 1)}] }`

test('comments, order of keys and written-out defaults change nothing', () => {
  const before = parseConfig('server: { port: 4600 }', 'e.yaml', {}).config
  const after = parseConfig('# hello\nserver: { host: 127.0.0.1 }', 'e.yaml', {}).config
  expect(changedSections(before, after)).toEqual([])
})

test('names the sections that differ, and those that need a restart', () => {
  const before = parseConfig('', 'e.yaml', {}).config
  const after = parseConfig(
    'server: { port: 1 }\nquality: { goodAnswer: 80% }\nalerts: { evaluateEvery: 1s }',
    'e.yaml',
    {},
  ).config
  expect(changedSections(before, after)).toEqual(['server', 'quality', 'alerts'])
  expect(needRestart(changedSections(before, after))).toEqual(['server'])
})

test('every section is compared', () => {
  const before = parseConfig('', 'e.yaml', {}).config
  const changed = Object.keys(before).filter((section) => {
    const after = { ...before, [section]: {} }
    return changedSections(before, after).length === 1
  })
  expect(changed).toEqual(Object.keys(before))
})

test('tells components that came, went or changed from those that stay', () => {
  const slower = `{ name: a, queue: 1, copies: [${copy('a-0', 0)}] }`
  expect(changedComponents(fleet(a, b), fleet(b, a))).toEqual({
    added: [],
    removed: [],
    changed: [],
  })
  expect(changedComponents(fleet(a), fleet(slower, b))).toEqual({
    added: ['b'],
    removed: [],
    changed: ['a'],
  })
  expect(changedComponents(fleet(a, b), fleet(b)).removed).toEqual(['a'])
})
