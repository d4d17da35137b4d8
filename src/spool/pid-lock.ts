// One live process a directory: a lock file with the holder's pid, taken over when that process is gone.
import { randomBytes } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { UserError } from '../records/failure.ts'

export interface PidLock {
  release(): Promise<void>
}

/**
 * Takes the lock at `path`, or throws a `UserError` that names the process that holds it.
 * @param what the guarded thing, e.g. `The data directory ./equipoise-data`
 */
export async function takePidLock(path: string, what: string): Promise<PidLock> {
  const id = randomBytes(8).toString('hex')
  const draft = `${path}.draft-${id}`
  await writeFile(
    draft,
    JSON.stringify({ pid: process.pid, startedAt: await startOf(process.pid), id }),
  )
  // Before the file is seen: others of this process must find its holder alive.
  held.add(id)
  try {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      if (await tryLink(draft, path)) return heldLock(path, id)
      const holder = await readHolder(path)
      if (holder === 'nobody') continue
      if (await isAlive(holder)) throw heldError(what, holder.pid, path)
      if (await replaceStale({ path, draft, what }, holder)) return heldLock(path, id)
    }
  } catch (error) {
    held.delete(id)
    throw error
  } finally {
    await rm(draft, { force: true })
  }
  held.delete(id)
  throw new UserError(`${what} is being taken by several processes at once; start one of them.`)
}

/**
 * Puts a draft in a dead holder's place. Only who holds the lock named after that holder may do so,
 * else two takers could each put the other's aside.
 */
async function replaceStale(
  files: { readonly path: string; readonly draft: string; readonly what: string },
  stale: Holder,
): Promise<boolean> {
  const right = await takePidLock(`${files.path}.${stale.id}`, files.what)
  try {
    const holder = await readHolder(files.path)
    if (holder === 'nobody' || holder.id !== stale.id) return false
    await rename(files.draft, files.path)
    return true
  } finally {
    await right.release()
  }
}

const holderSchema = z.object({
  pid: z.int().positive(),
  /** Start of that process in ticks since boot: a pid is used again, a pid with its start is not. */
  startedAt: z.string().nullable(),
  id: z.string().regex(/^[\w-]+$/),
})

type Holder = z.infer<typeof holderSchema>

/** Locks of this process: its own pid in a file proves nothing, a container's next run has the same one. */
const held = new Set<string>()

function heldLock(path: string, id: string): PidLock {
  return {
    async release() {
      if (!held.has(id)) return
      const holder = await readHolder(path)
      if (holder !== 'nobody' && holder.id === id) await rm(path, { force: true })
      held.delete(id)
    },
  }
}

function heldError(what: string, pid: number, path: string): UserError {
  return new UserError(
    `${what} is in use by process ${pid}. Stop that process, or use another directory. (Lock: ${path})`,
    { status: 409, code: 'in_use' },
  )
}

async function tryLink(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

/** Who holds the lock. A file that is not one of ours has a holder that never lives. */
async function readHolder(path: string): Promise<Holder | 'nobody'> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (isCode(error, 'ENOENT')) return 'nobody'
    if (error instanceof SyntaxError || error instanceof z.ZodError) return unreadable
    throw error
  }
}

const unreadable: Holder = { pid: process.pid, startedAt: null, id: 'unreadable' }

async function isAlive(holder: Holder): Promise<boolean> {
  if (holder.pid === process.pid) return held.has(holder.id)
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    // EPERM: it runs, under another user.
    if (!isCode(error, 'EPERM')) return false
  }
  const startedAt = await startOf(holder.pid)
  return startedAt === null || holder.startedAt === null || startedAt === holder.startedAt
}

/** Start time of a process in ticks since boot (Linux); `null` where the system does not say. */
async function startOf(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The name, in parentheses, may hold spaces; start time is the 20th field after it.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
