// The real program with little in it: it starts fast, so that it can be killed often.
import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../listening-port.ts'
import { runProgram, type RunningProgram } from '../running-program.ts'

export interface ChaosHub {
  readonly url: string
  readonly dataDirectory: string
  /** Starts it; resolves at once. */
  start(): RunningProgram
  /** Resolves when a started hub serves. */
  serving(program: RunningProgram): Promise<void>
}

/** Prepares a hub without gateway and evaluators. @param settings more sections of the configuration, as YAML */
export async function chaosHub(directory: string, settings = ''): Promise<ChaosHub> {
  const dataDirectory = join(directory, 'data')
  const port = await freePort()
  const file = join(directory, 'equipoise.yaml')
  await mkdir(dataDirectory, { recursive: true })
  await writeFile(
    file,
    `dataDirectory: ${dataDirectory}\nserver: { port: ${port} }\ngateway: { enabled: false }\nquality: { evaluators: [] }\n`,
  )
  await appendFile(file, settings)
  return {
    url: `http://127.0.0.1:${port}`,
    dataDirectory,
    start: () => runProgram(['up', '-c', file]),
    serving: async (program) => void (await program.line(/page +http/)),
  }
}

/** Segments are handed over often, so that a kill meets a load. */
export const swiftSpool = 'spool: { rotateEvery: 150ms }\n'
