// What OTLP over HTTP and over gRPC share: one receiver, so that a retry by the other is a retry too.
import { createBodyMemory, type BodyMemory } from '../sources/otlp/body.ts'
import { knownCall } from '../sources/otlp/recent-calls.ts'
import { createOtlpReceiver, type OtlpReceiver } from '../sources/otlp/receiver.ts'
import { settingsOf, type Settings } from '../sources/otlp/settings.ts'
import { callsById } from '../store/queries/calls-by-id.ts'
import type { ApiContext } from './context.ts'

export interface OtlpIntake {
  readonly receiver: OtlpReceiver
  readonly memory: BodyMemory
}

export function createOtlpIntake(context: ApiContext): OtlpIntake {
  const receiver = createOtlpReceiver({
    accept: context.accept,
    once: context.once,
    now: context.now,
    findCalls: async (callIds) => {
      const calls = await callsById(context.store, context.config().project, callIds)
      return new Map([...calls].map(([callId, call]) => [callId, knownCall(call)]))
    },
    passedGateway: context.passedGateway,
    waiting: context.waitingVerdicts,
    settings: currentSettings(context),
  })
  return { receiver, memory: createBodyMemory() }
}

/** Made anew only after a reload. */
function currentSettings(context: ApiContext): () => Settings {
  const read = () => ({
    config: context.config(),
    fleet: context.fleet(),
    gatewayUrl: context.gatewayUrl(),
  })
  let input = read()
  let settings = settingsOf(input)
  return () => {
    const now = read()
    const isSame =
      now.config === input.config &&
      now.fleet === input.fleet &&
      now.gatewayUrl === input.gatewayUrl
    if (!isSame) {
      settings = settingsOf(now)
      input = now
    }
    return { ...settings, nowMs: context.now() }
  }
}
