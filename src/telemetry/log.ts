import pino from 'pino'

export type Log = pino.Logger

/**
 * Structured log on standard error; standard output belongs to the commands' results.
 * Messages are fixed sentences, values are fields. Prompts, answers and secrets are never logged.
 * @param component which part of the program speaks
 * @param level least severe line that is written; `EQUIPOISE_LOG_LEVEL`, else info
 */
export function createLog(
  component: string,
  level: string = process.env['EQUIPOISE_LOG_LEVEL'] ?? 'info',
): Log {
  return pino({ level, base: { component } }, pino.destination({ dest: 2, sync: true }))
}
