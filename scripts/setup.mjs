// Makes a checkout ready to run: installs when the lock file asks for other packages than are
// there, builds when sources changed since the last build, and says what it does. No dependencies.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { sourceFingerprint } from './source-fingerprint.mjs'

const root = resolve(import.meta.dirname, '..')

const readJson = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'))

/** True when every package that the lock file requires is installed in that version. */
function isInstalled() {
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return false
  const installed = readJson('node_modules/.package-lock.json').packages
  return Object.entries(readJson('package-lock.json').packages).every(
    ([path, wanted]) =>
      path === '' || wanted.optional === true || installed[path]?.version === wanted.version,
  )
}

function isBuilt() {
  const marker = join(root, 'dist/.fingerprint')
  return existsSync(marker) && readFileSync(marker, 'utf8') === sourceFingerprint(root)
}

function run(what, command, args) {
  const started = Date.now()
  console.error(`> ${what}`)
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) {
    console.error(`${what} failed${error === undefined ? '' : `: ${error.message}`}`)
    process.exit(status ?? 1)
  }
  console.error(`  done in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old: Equipoise needs Node 20.19 or newer.`)
  process.exit(1)
}
if (!isInstalled()) {
  run('Installing packages (about 560 MB of them is the embedded ClickHouse engine)', 'npm', [
    'ci',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ])
}
if (!isBuilt()) run('Building server and page', process.execPath, ['scripts/build.mjs'])
