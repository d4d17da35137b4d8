// The architecture as data: which folder of src/ may import which. The picture in docs/architecture.md is this table.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const core = ['records', 'stats']
const base = [...core, 'telemetry', 'vocabulary', 'config', 'redaction']
const data = [...base, 'fleet', 'spool', 'store']
const middle = [...data, 'sources', 'gateway', 'quality', 'analysis']

/** Folder to the folders that it may import, besides itself. */
const layers: Readonly<Record<string, readonly string[]>> = {
  records: [],
  stats: [],
  telemetry: ['records'],
  vocabulary: ['records'],
  config: ['records'],
  redaction: ['records'],
  fleet: [...core, 'vocabulary', 'config'],
  spool: ['records', 'telemetry', 'config'],
  store: [...base, 'fleet', 'spool'],
  sources: data,
  gateway: data,
  quality: data,
  analysis: [...core, 'vocabulary', 'fleet'],
  alerts: [...data, 'quality', 'analysis'],
  sinks: middle,
  api: [...middle, 'alerts', 'sinks'],
  lab: [...base, 'fleet'],
  roles: [...middle, 'alerts', 'sinks', 'api', 'lab'],
  cli: [...middle, 'alerts', 'sinks', 'api', 'lab', 'roles'],
}

const root = resolve(import.meta.dirname, '..', 'src')

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
)

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const specifiers = text.matchAll(/(?:from|import\()\s*'(\.{1,2}\/[^']+)'/g)
  return [...specifiers].map((match) =>
    relative(root, resolve(root, dirname(file), match[1] ?? '')),
  )
}

const folderOf = (file: string) => file.split('/')[0] ?? ''

test('each folder of src is in the table', () => {
  const unknown = [...new Set(files.map(folderOf))].filter((folder) => !(folder in layers))
  expect(unknown).toEqual([])
})

test('imports point one way', () => {
  const wrong = files.flatMap((file) => {
    const allowed = [folderOf(file), ...(layers[folderOf(file)] ?? [])]
    return importsOf(file)
      .filter((target) => !allowed.includes(folderOf(target)))
      .map((target) => `src/${file} must not import src/${target}`)
  })
  expect(wrong).toEqual([])
})

test('analysis and stats import no module with effects', () => {
  const effects = /from '(node:(?!crypto)[^']+|undici|@clickhouse\/client|chdb[^']*|hono[^']*)'/
  const wrong = files
    .filter((file) => ['analysis', 'stats', 'records'].includes(folderOf(file)))
    .filter((file) => !file.endsWith('.test.ts'))
    .filter((file) => effects.test(readFileSync(join(root, file), 'utf8')))
  expect(wrong).toEqual([])
})
