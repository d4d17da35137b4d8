// What every notifier must hold, whatever it speaks. Each notifier's test calls this suite first.
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Alert } from '../records/alert.ts'
import { RetryableError } from '../records/failure.ts'
import { open, type Notifier } from './notifier.ts'
import { notifiers } from './registry.ts'

/** An alert with everything that a notifier may tell, to be overridden in parts. */
export function alertOf(parts: Partial<Alert> = {}): Alert {
  return {
    project: 'default',
    alertId: '019a0000-0000-7000-8000-000000000001',
    rule: 'unsafe',
    model: 'gpt-oss-20b',
    severity: 'critical',
    state: 'firing',
    startedAtMs: 1_790_000_000_000,
    changedAtMs: 1_790_000_300_000,
    summary: 'gpt-oss-20b: safety fell to 0.41.',
    readings: [
      {
        axis: 'quality',
        metric: 'safety',
        value: 0.41,
        lower: 0.3,
        upper: 0.53,
        n: 62,
        baseline: null,
        threshold: 0.8,
        unit: 'ratio',
      },
    ],
    ...parts,
  }
}

/** A receiver that a notifier can be pointed at. */
export interface TestReceiver<Config> {
  readonly config: Config
  /** Text that no error may contain. */
  readonly secrets: readonly string[]
  /** What the next deliveries are met with; default: accepted. */
  answer(how: 'accepted' | 'busy' | 'refused' | 'silent'): void
  /** Bodies that came, as text. */
  readonly received: readonly string[]
}

/** The conformance suite. `receiver` is asked anew for each test. */
export function testNotifier<Config>(
  notifier: Notifier<Config>,
  receiver: () => TestReceiver<Config>,
): void {
  const send = (target: TestReceiver<Config>, alert = alertOf(), timeoutMs = 10_000) =>
    notifier.send(alert, target.config, AbortSignal.timeout(timeoutMs))
  const failureOf = async (target: TestReceiver<Config>, timeoutMs?: number) => {
    const failure: unknown = await send(target, alertOf(), timeoutMs).catch(
      (error: unknown) => error,
    )
    expect(failure).toBeInstanceOf(Error)
    return failure
  }

  describe(`conformance of ${notifier.name}`, () => {
    testIdentity(notifier)

    test('what it tells names rule, model, state and the sentence', async () => {
      const target = receiver()
      const alert = alertOf({ state: 'resolved' })
      await send(target, alert)
      expect(target.received).toHaveLength(1)
      for (const part of [alert.rule, alert.model, alert.state, alert.summary]) {
        expect(target.received[0]).toContain(part)
      }
    })

    test('a busy or silent receiver may be asked again, one that refuses may not', async () => {
      const target = receiver()
      target.answer('busy')
      expect(await failureOf(target)).toBeInstanceOf(RetryableError)
      target.answer('silent')
      expect(await failureOf(target, 100)).toBeInstanceOf(RetryableError)
      target.answer('refused')
      expect(await failureOf(target)).not.toBeInstanceOf(RetryableError)
    })

    test('no error tells a secret', async () => {
      const target = receiver()
      for (const how of ['busy', 'refused', 'silent'] as const) {
        target.answer(how)
        const failure = await failureOf(target, 100)
        const told = failure instanceof Error ? `${failure.message} ${failure.stack}` : ''
        for (const secret of target.secrets) expect(told).not.toContain(secret)
      }
    })
  })
}

function testIdentity<Config>(notifier: Notifier<Config>): void {
  test('it says what it is and is registered', () => {
    expect(notifier.name).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(notifier.summary).toMatch(/^[A-Z].+\.$/)
    expect(notifiers.has(notifier.name)).toBe(true)
  })

  test('each setting is described, and an unknown one is refused', () => {
    const schema = z.toJSONSchema(notifier.config, { io: 'input' })
    for (const [name, setting] of Object.entries(schema.properties ?? {})) {
      expect(setting, name).toHaveProperty('description')
    }
    expect(() => open(notifier).prepare({ noSuchSetting: 1 })).toThrow(notifier.name)
  })
}
