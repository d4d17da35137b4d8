// Calls hold the openings of long texts; the wholes are looked up by hash, only for the calls that were picked.
import type { Store } from '../store.ts'

/** What a query selects to have its texts made whole; hashes in digits, `0` where the text is whole already. */
export interface Hashed {
  readonly prompt: string
  readonly answer: string
  readonly promptHash: string
  readonly answerHash: string
}

export const hashedTextColumns = `prompt, answer,
  toString(prompt_hash) AS promptHash, toString(answer_hash) AS answerHash`

/** The rows with whole texts. One that the store has lost stays the opening, which ends in "…". */
export async function withWholeTexts<Row extends Hashed>(
  store: Pick<Store, 'query'>,
  project: string,
  rows: readonly Row[],
): Promise<readonly Omit<Row, 'promptHash' | 'answerHash'>[]> {
  const hashes = rows.flatMap((row) => [row.promptHash, row.answerHash])
  const wholes = await textsByHash(store, project, [...new Set(hashes)])
  return rows.map(({ promptHash, answerHash, ...row }) => ({
    ...row,
    prompt: wholes.get(promptHash) ?? row.prompt,
    answer: wholes.get(answerHash) ?? row.answer,
  }))
}

async function textsByHash(
  store: Pick<Store, 'query'>,
  project: string,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const wanted = hashes.filter((hash) => hash !== '0')
  if (wanted.length === 0) return new Map()
  const found = await store.query<{ readonly id: string; readonly text: string }>(
    `SELECT toString(hash) AS id, text FROM texts
    WHERE project = {project:String} AND hash IN (SELECT toUInt128(arrayJoin({hashes:Array(String)})))
    LIMIT 1 BY hash`,
    { project, hashes: wanted },
  )
  return new Map(found.map(({ id, text }) => [id, text]))
}
