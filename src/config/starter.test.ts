import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig, parseConfig } from './load.ts'
import { starterConfig } from './starter.ts'

test('the starter passes the check as it is, with an empty environment', () => {
  const { config } = parseConfig(starterConfig(), 'equipoise.yaml', {})
  expect(config.fleet.nodes).toHaveLength(1)
  expect(config.fleet.components[0]?.copies[0]?.gpus).toEqual([0])
})

test('the starter explains itself: at least a third of its lines are comments', () => {
  const lines = starterConfig().split('\n')
  const comments = lines.filter((line) => line.trim().startsWith('#'))
  expect(comments.length / lines.length).toBeGreaterThan(1 / 3)
})

test('what the starter comments out is valid when the comment marks are taken off', () => {
  const blocks = starterConfig().replaceAll(
    /^( *)# ( *)(tokens|keys|store|judge|gate|rules|notifiers|url|username|password|retention|contentRetention|model|apiKey|budgetPerDay|name|role|token|tenant|dimension|below|for|config|upstreamModel|price|-)(:| (?:name|key|kind):? )/gm,
    '$1$2$3$4',
  )
  const text = blocks.replace('  rules: []\n', '')
  const names = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name)
  const env = Object.fromEntries(names.map((name) => [name, 'http://0123456789abcdef']))
  const { config } = parseConfig(text, 'equipoise.yaml', env)
  expect(config.server.tokens[0]?.role).toBe('viewer')
  expect(config.gateway.keys[0]?.tenant).toBe('team-a')
  expect(config.store.url).toBe('http://clickhouse:8123')
  expect(config.quality.judge?.model).toBe('Qwen2.5-32B-Instruct')
  expect(config.quality.evaluators.map(({ kind }) => kind)).toContain('judge_safety')
  expect(config.alerts.rules[0]?.below).toBeCloseTo(0.8)
  expect(config.alerts.notifiers[0]?.kind).toBe('webhook')
})

test('the example has two models on one server of four GPUs, one of them free', () => {
  const path = join(import.meta.dirname, '..', '..', 'examples', 'two-models-one-server.yaml')
  const { config, variables } = loadConfig(path, {})
  expect(variables).toEqual(['JUDGE_URL', 'ALERT_WEBHOOK_URL'])
  expect(config.fleet.nodes.map((node) => node.instanceType)).toEqual(['ml.g6.12xlarge'])
  const gpus = config.fleet.components.map(({ name, model, copies }) => [
    model ?? name,
    copies.map((copy) => copy.gpus),
  ])
  expect(gpus).toEqual([
    ['gpt-oss-20b', [[0], [1]]],
    ['Qwen2.5-7B-Instruct', [[2]]],
  ])
  expect(config.alerts.rules[0]?.kind).toBe('two_axis')
})
