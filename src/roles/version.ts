import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'

const manifest = z.object({ name: z.literal('equipoise'), version: z.string() })

/** Folder of the package: the nearest one above this module that holds our package.json. */
export const packageDirectory = findPackageDirectory(import.meta.dirname)

/** Version of this program, from its package.json. */
export const version = manifest.parse(readManifest(packageDirectory)).version

function findPackageDirectory(directory: string): string {
  if (manifest.safeParse(readManifest(directory)).success) return directory
  const parent = dirname(directory)
  if (parent === directory) throw new Error('package.json of equipoise not found')
  return findPackageDirectory(parent)
}

function readManifest(directory: string): unknown {
  try {
    return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
  } catch {
    return undefined
  }
}
