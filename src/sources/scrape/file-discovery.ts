import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { messageOf } from '../../records/failure.ts'
import { parseTargetGroups, type TargetGroup } from './target-groups.ts'

export interface Found {
  readonly groups: readonly TargetGroup[]
  /** Why something could not be read; what was last read of it still counts. */
  readonly problems: readonly string[]
}

/** Somewhere that targets are listed. */
export interface Discovery {
  /** Looks again. Never rejects. */
  look(signal: AbortSignal): Promise<Found>
}

interface Known {
  readonly state: string
  readonly groups: readonly TargetGroup[]
  readonly problem: string | null
}

const mostFileBytes = 16 * 2 ** 20

/** Targets in files; a file is read again when it changed. */
export function fileDiscovery(patterns: readonly string[]): Discovery {
  const known = new Map<string, Known>()
  return {
    async look() {
      const listed = await Promise.all(patterns.map(filesOf))
      const files = [...new Set(listed.flatMap((one) => one.files))].toSorted()
      for (const file of known.keys()) if (!files.includes(file)) known.delete(file)
      for (const file of files) known.set(file, await readAgain(file, known.get(file)))
      const problems = [...known].flatMap(([file, { problem }]) =>
        problem === null ? [] : `${file} ${problem}`,
      )
      return {
        groups: [...known.values()].flatMap(({ groups }) => groups),
        problems: [...listed.flatMap((one) => one.problem ?? []), ...problems],
      }
    },
  }
}

async function filesOf(pattern: string): Promise<{ files: string[]; problem: string | null }> {
  const name = basename(pattern)
  if (!name.includes('*')) return { files: [pattern], problem: null }
  const parts = name.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
  const matches = new RegExp(`^${parts.join('[^/]*')}$`)
  const directory = dirname(pattern)
  try {
    const names = await readdir(directory)
    // As in a shell: files that are hidden are meant only by patterns that say so.
    const isMeant = (one: string) => matches.test(one) && (!one.startsWith('.') || name[0] === '.')
    return { files: names.filter(isMeant).map((one) => join(directory, one)), problem: null }
  } catch (error) {
    return { files: [], problem: messageOf(error) }
  }
}

async function readAgain(file: string, known: Known | undefined): Promise<Known> {
  try {
    const { mtimeMs, size, ino } = await stat(file)
    const state = `${mtimeMs} ${size} ${ino}`
    if (known?.state === state) return known
    if (size > mostFileBytes) throw new Error(`is larger than ${mostFileBytes} bytes`)
    try {
      const groups = parseTargetGroups(
        await readFile(file, 'utf8'),
        file.toLowerCase().endsWith('.json') ? 'json' : 'yaml',
      )
      return { state, groups: groups.map((group) => withFile(group, file)), problem: null }
    } catch (error) {
      return { state, groups: known?.groups ?? [], problem: messageOf(error) }
    }
  } catch (error) {
    return { state: '', groups: known?.groups ?? [], problem: messageOf(error) }
  }
}

function withFile({ targets, labels }: TargetGroup, file: string): TargetGroup {
  return { targets, labels: { ...labels, __meta_filepath: file } }
}
