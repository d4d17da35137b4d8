// How a target is reached: credentials that may live in files, TLS, and nothing of either in any message.
import { readFile, stat } from 'node:fs/promises'
import { Agent, type Dispatcher } from 'undici'
import type { AccessConfig } from '../../config/schema.ts'
import { messageOf } from '../../records/failure.ts'

/** A way in, shared by targets that are reached alike. */
export interface Access {
  /** Connections with the certificates as their files are now. Rejects when a file cannot be read. */
  dispatcher(): Promise<Dispatcher>
  /** Headers that say who asks. Rejects when a file cannot be read. */
  headers(): Promise<Readonly<Record<string, string>>>
  close(): Promise<void>
}

/**
 * Opens a way in; nothing is read or connected yet.
 * @param timeoutMs longest wait for a connection, for headers and between pieces of a body
 */
export function openAccess(config: AccessConfig | undefined, timeoutMs: number): Access {
  const agents: { readonly state: string; readonly agent: Promise<Agent> }[] = []
  const { tls } = config ?? {}
  return {
    async dispatcher() {
      const state = await stateOfFiles([tls?.caFile, tls?.certFile, tls?.keyFile])
      const [newest] = agents
      if (newest?.state === state) return await newest.agent
      const agent = agentOf(tls, timeoutMs)
      agents.unshift({ state, agent })
      // Scrapes under way finish on the former one; what is older has none.
      const old = agents.splice(2)
      try {
        await Promise.all(old.map(closeAgent))
        return await agent
      } catch (error) {
        agents.splice(0, agents.length, ...agents.filter((one) => one.agent !== agent))
        throw error
      }
    },
    headers: () => headersOf(config),
    async close() {
      await Promise.all(agents.map(closeAgent))
    },
  }
}

async function closeAgent({ agent }: { readonly agent: Promise<Agent> }): Promise<void> {
  const open = await agent.catch(() => null)
  await open?.destroy()
}

type Tls = NonNullable<AccessConfig['tls']>

/** When the files were last changed, so that a renewed certificate is taken without a restart. */
async function stateOfFiles(files: readonly (string | undefined)[]): Promise<string> {
  const times = files.map(async (file) => {
    if (file === undefined) return ''
    const { mtimeMs, ino } = await stat(file).catch((error: unknown) => unreadable(error))
    return `${mtimeMs} ${ino}`
  })
  return (await Promise.all(times)).join('\n')
}

/** Connections are not limited: targets of one address must not wait for the slow one among them. */
async function agentOf(tls: Tls | undefined, timeoutMs: number): Promise<Agent> {
  const secured = tls === undefined ? {} : await tlsOptions(tls)
  return new Agent({
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { timeout: timeoutMs, ...secured },
  })
}

async function tlsOptions(tls: Tls): Promise<{
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
  readonly rejectUnauthorized: boolean
}> {
  const { caFile, certFile, keyFile, serverName, insecureSkipVerify } = tls
  return {
    ...(caFile === undefined ? {} : { ca: await textOf(caFile) }),
    ...(certFile === undefined ? {} : { cert: await textOf(certFile) }),
    ...(keyFile === undefined ? {} : { key: await textOf(keyFile) }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    rejectUnauthorized: !insecureSkipVerify,
  }
}

async function headersOf(
  config: AccessConfig | undefined,
): Promise<Readonly<Record<string, string>>> {
  if (config === undefined) return {}
  const { basicAuth, bearerToken, bearerTokenFile } = config
  const token = bearerTokenFile === undefined ? bearerToken : await secretOf(bearerTokenFile)
  if (token !== undefined) return { authorization: `Bearer ${token}` }
  if (basicAuth === undefined) return {}
  const { username, password, passwordFile } = basicAuth
  const secret = passwordFile === undefined ? (password ?? '') : await secretOf(passwordFile)
  const pair = Buffer.from(`${username}:${secret}`).toString('base64')
  return { authorization: `Basic ${pair}` }
}

/** Editors end a file with a line end, which is no part of a secret. */
async function secretOf(file: string): Promise<string> {
  return (await textOf(file)).trim()
}

async function textOf(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((error: unknown) => unreadable(error))
}

/** The message of the system names the file and the reason, never what is in it. */
function unreadable(error: unknown): never {
  throw new Error(`a file of its access cannot be read: ${messageOf(error)}`, { cause: error })
}
