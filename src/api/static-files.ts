// Serves the built page. The folder is read once: only files that were there can be asked for, so no path leads out of it.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, sep } from 'node:path'
import type { ApiRequest } from './http.ts'

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** Precompressed neighbours, best first. */
const encodings = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const

export interface StaticFiles {
  /** The file of a path, `undefined` when there is none. Paths of the page's own views give index.html. */
  answer(c: ApiRequest): Response | undefined
}

/** @param directory built page; `null` or a missing folder serves nothing */
export function staticFiles(directory: string | null): StaticFiles {
  const files = directory === null ? new Map<string, string>() : filesOf(directory)
  return {
    answer: (c) => {
      const path = c.req.path === '/' ? '/index.html' : c.req.path
      const known = files.has(path) ? path : viewOf(c, files)
      return known === undefined ? undefined : fileAnswer(c, files, known)
    },
  }
}

function filesOf(directory: string): ReadonlyMap<string, string> {
  try {
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
    return new Map(
      entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((file) => [file.slice(directory.length).split(sep).join('/'), file]),
    )
  } catch {
    // The page is not built; the API works without it.
    return new Map()
  }
}

/** A browser that asks for a view of the page (no file, no API) gets the page, which routes by itself. */
function viewOf(c: ApiRequest, files: ReadonlyMap<string, string>): string | undefined {
  const isView =
    !c.req.path.startsWith('/api/') &&
    extname(c.req.path) === '' &&
    (c.req.header('accept') ?? '').includes('text/html')
  return isView && files.has('/index.html') ? '/index.html' : undefined
}

function fileAnswer(
  c: ApiRequest,
  files: ReadonlyMap<string, string>,
  path: string,
): Response | undefined {
  const accepted = (c.req.header('accept-encoding') ?? '')
    .split(',')
    .filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
    .map((part) => part.split(';')[0]?.trim())
  const encoding = encodings.find(
    ({ name, suffix }) => accepted.includes(name) && files.has(`${path}${suffix}`),
  )
  const file = files.get(`${path}${encoding?.suffix ?? ''}`)
  if (file === undefined) return undefined
  const bytes = readFileSync(file)
  c.header('Content-Type', contentTypes[extname(path)] ?? 'application/octet-stream')
  c.header('Vary', 'Accept-Encoding')
  if (encoding !== undefined) c.header('Content-Encoding', encoding.name)
  if (isHashed(path)) {
    c.header('Cache-Control', 'public, max-age=31536000, immutable')
    return c.body(bytes)
  }
  const tag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
  c.header('Cache-Control', 'no-cache')
  c.header('ETag', tag)
  return c.req.header('if-none-match') === tag ? c.body(null, 304) : c.body(bytes)
}

/** The bundler puts a hash of the content in the names below `assets/`. */
function isHashed(path: string): boolean {
  return /^\/assets\/.*[-.][\w-]{8,}\.\w+$/.test(path)
}
