// How far the import of a file has come, kept beside it.
import { readFile, rename, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { UserError } from '../../records/failure.ts'

const stateSchema = z.object({
  offset: z.int().min(0),
  line: z.int().min(1),
  bytes: z.int().min(0),
  accepted: z.int().min(0),
  duplicates: z.int().min(0),
  rejected: z.int().min(0),
})

/** Where the import goes on, and what became of the rows before. */
export type ImportState = z.infer<typeof stateSchema>

/** `null` = the file was not begun; a file that was changed since is refused, since offsets mean nothing in it. */
export async function readProgress(
  progressFile: string,
  bytes: number,
): Promise<ImportState | null> {
  const text = await readFile(progressFile, 'utf8').catch(() => null)
  if (text === null) return null
  const state = stateSchema.safeParse(JSON.parse(text))
  if (state.success && state.data.bytes === bytes) return state.data
  throw new UserError(
    `${progressFile} belongs to another state of the file (${state.success ? state.data.bytes : 'unknown'} bytes, now ${bytes}): delete it to begin anew`,
  )
}

/** Replaces the progress file at once, so that a crash leaves one or the other. */
export async function writeProgress(progressFile: string, state: ImportState): Promise<void> {
  await writeFile(`${progressFile}.new`, JSON.stringify(state))
  await rename(`${progressFile}.new`, progressFile)
}
