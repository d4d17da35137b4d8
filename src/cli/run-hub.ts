import { watchFile, unwatchFile } from 'node:fs'
import type { LoadedConfig } from '../config/load.ts'
import { messageOf } from '../records/failure.ts'
import { startHub, type Hub } from '../roles/hub.ts'
import { version } from '../roles/version.ts'
import { createLog, type Log } from '../telemetry/log.ts'

export interface RunOptions {
  readonly loaded: LoadedConfig
  /** File whose edits reload live, and how to load it. */
  readonly watch?: { readonly file: string; readonly load: () => LoadedConfig }
  /** Called once everything listens. */
  readonly onReady?: (hub: Hub) => Promise<void>
  /** Called when the hub has stopped. */
  readonly afterStop?: () => Promise<void>
}

const lookAtFileEveryMs = 1_000

/** Runs the hub until SIGINT or SIGTERM; prints where to look. */
export async function runHub(options: RunOptions): Promise<void> {
  const log = createLog('hub')
  const started = performance.now()
  const starting = startHub(options.loaded, log)
  const { watch } = options
  // From the first moment on: a signal while starting must not leave a gateway behind.
  const stop = stopOnce(async () => {
    if (watch !== undefined) unwatchFile(watch.file)
    await (await starting).stop()
    await options.afterStop?.()
  }, log)
  process.on('SIGINT', stop).on('SIGTERM', stop)

  const hub = await starting
  announce(hub, (performance.now() - started) / 1_000)
  if (watch !== undefined) {
    watchFile(watch.file, { interval: lookAtFileEveryMs }, () => void reload(hub, watch.load, log))
  }
  await options.onReady?.(hub)
}

function announce(hub: Hub, seconds: number): void {
  console.log(`Equipoise ${version} is up in ${seconds.toFixed(1)} s`)
  console.log(`  page     ${hub.apiUrl}`)
  if (hub.gatewayUrl !== null) console.log(`  gateway  ${hub.gatewayUrl}/v1  (OpenAI API)`)
  if (hub.otlpGrpcUrl !== null) console.log(`  otlp     ${hub.otlpGrpcUrl}  (OTLP over gRPC)`)
}

async function reload(hub: Hub, load: () => LoadedConfig, log: Log): Promise<void> {
  try {
    await hub.reload(load())
    log.info('Configuration reloaded.')
  } catch (error) {
    log.error({ reason: messageOf(error) }, 'Configuration not reloaded; the former one stays.')
  }
}

/** A second signal while stopping ends the process at once. */
function stopOnce(stop: () => Promise<void>, log: Log): () => void {
  let stopping = false
  return () => {
    if (stopping) process.exit(130)
    stopping = true
    log.info('Stopping; running calls finish first.')
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ reason: messageOf(error) }, 'Stopped with an error.')
        process.exit(1)
      },
    )
  }
}
