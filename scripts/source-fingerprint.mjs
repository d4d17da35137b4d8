import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const inputs = ['src', 'bench', 'web', 'scripts', 'package-lock.json', 'tsconfig.json']

/** Hash of everything that the build reads; tests do not count. */
export function sourceFingerprint(root) {
  const hash = createHash('sha256')
  for (const file of inputs.flatMap((input) => filesOf(root, input)).toSorted(byName)) {
    hash.update(file).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

const byName = (a, b) => (a < b ? -1 : 1)

function filesOf(root, input) {
  if (!existsSync(join(root, input))) return []
  if (input.includes('.')) return [input]
  return readdirSync(join(root, input), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath.slice(root.length + 1), entry.name))
}
