// A real embedded store in a temporary folder, for tests.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configSchema } from '../config/schema.ts'
import { openStore, type OpenStore } from '../store/open-store.ts'
import { silentLog } from './test-context.ts'

export interface TestStore extends OpenStore {
  insert(table: string, rows: readonly Readonly<Record<string, unknown>>[]): Promise<void>
}

export async function openTestStore(): Promise<TestStore> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'equipoise-api-'))
  const store = await openStore({
    config: configSchema.parse({ store: { retention: '3650d', contentRetention: '3650d' } }).store,
    dataDirectory,
    log: silentLog(),
  })
  return {
    ...store,
    insert: async (table, rows) => {
      const lines = rows.map((row) => JSON.stringify(row)).join('\n')
      await store.command(`INSERT INTO ${table} FORMAT JSONEachRow ${lines}`)
    },
    close: async () => {
      await store.close()
      await rm(dataDirectory, { recursive: true, force: true })
    },
  }
}
