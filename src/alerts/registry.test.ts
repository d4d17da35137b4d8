import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { notifiers } from './registry.ts'

test('each file of notifiers/ is registered under its name, and has its test', () => {
  const files = readdirSync(join(import.meta.dirname, 'notifiers'))
  const adapters = files
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -3))
  expect([...notifiers.keys()].toSorted()).toEqual(adapters.toSorted())
  for (const name of adapters) expect(files).toContain(`${name}.test.ts`)
})
