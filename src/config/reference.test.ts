import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { configReference } from './reference.ts'
import { configSchema } from './schema.ts'

const page = join(import.meta.dirname, '..', '..', 'docs', 'reference', 'configuration.md')
const reference = configReference()

test('the committed page is the generated one (npx equipoise config reference > docs/reference/configuration.md)', () => {
  expect(readFileSync(page, 'utf8')).toBe(reference)
})

test('rows tell type, unit, bounds, default and meaning', () => {
  const rows = reference.split('\n')
  for (const row of [
    '| `port` | whole number, 0 to 65535 | `4600` | Port of page and API. |',
    '| `queueTimeout` | duration, e.g. `10s` | `10s` | Longest wait in the queue; then 503. |',
    '| `perHour` | price, e.g. `5.752 $/h` | **required** | What the server costs. |',
    '| `capture` | `sampled` or `all` or `none` | `sampled` | Whose prompt and answer text is kept (redacted). |',
    '| `nodes` | list of [fleet.nodes[]](#fleetnodes) | `[]` | Servers. |',
    '| `memoryGiB` | number, above 0 | **required** | Memory of one, in GiB. |',
    '| `dcgmUrl` | URL | none | Metrics URL of the GPU exporter: DCGM, nvidia_gpu_exporter, AMD or Triton. |',
  ]) {
    expect(rows).toContain(row)
  }
})

test('each link has its heading', () => {
  const anchors = [...reference.matchAll(/^## (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )
  const links = [...reference.matchAll(/\]\(#([\w-]+)\)/g)].map(([, anchor = '']) => anchor)
  expect(links.length).toBeGreaterThan(10)
  expect(links.filter((link) => !anchors.includes(link))).toEqual([])
  expect(new Set(anchors).size).toBe(anchors.length)
})

test('every key of the schema has a description, and a row', () => {
  const undescribed: string[] = []
  const walk = (schema: z.core.JSONSchema.BaseSchema, path: string) => {
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      if (typeof property !== 'object') continue
      if (!property.description) undescribed.push(`${path}.${key}`)
      expect(reference).toContain(`| \`${key}\` |`)
      walk(property, `${path}.${key}`)
      if (typeof property.items === 'object' && !Array.isArray(property.items)) {
        walk(property.items, `${path}.${key}[]`)
      }
    }
  }
  walk(z.toJSONSchema(configSchema, { io: 'input' }), '')
  expect(undescribed).toEqual([])
})
