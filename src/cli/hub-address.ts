import { existsSync } from 'node:fs'
import { loadConfig } from '../config/load.ts'

const defaultUrl = 'http://127.0.0.1:4600'

/**
 * Where a running Equipoise answers: the given URL, else what the configuration says, else the default.
 * @param options `url` and `config` as the user gave them
 */
export function hubAddress(options: { url?: string; config?: string }): string {
  if (options.url !== undefined) return options.url.replace(/\/$/, '')
  const file = options.config ?? (existsSync('equipoise.yaml') ? 'equipoise.yaml' : undefined)
  if (file === undefined) return defaultUrl
  const { host, port } = loadConfig(file, process.env).config.server
  return `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`
}
