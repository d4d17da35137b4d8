// Compiles the server to dist/, copies what it reads beside itself and bundles the page to dist/web.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { sourceFingerprint } from './source-fingerprint.mjs'

const root = resolve(import.meta.dirname, '..')
const dist = join(root, 'dist')

function run(command, args) {
  const { status } = spawnSync(join(root, 'node_modules/.bin', command), args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) process.exit(status ?? 1)
}

/** Files that the compiler leaves behind but the program reads. */
function copyData(folder) {
  for (const entry of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
    if (/\.(sql|json|ya?ml)$/.test(entry)) {
      cpSync(join(root, folder, entry), join(dist, folder, entry))
    }
  }
}

const fingerprint = sourceFingerprint(root)
rmSync(dist, { recursive: true, force: true })
run('tsc', ['-p', 'tsconfig.build.json'])
copyData('src')
run('vite', ['build', '--config', 'web/vite.config.ts', '--logLevel', 'warn'])
chmodSync(join(dist, 'src/cli/main.js'), 0o755)
writeFileSync(join(dist, '.fingerprint'), fingerprint)
