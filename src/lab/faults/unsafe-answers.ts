import { z } from 'zod'
import { serversOf, type Fault } from './fault.ts'

const config = z.strictObject({
  model: z.string().describe('Model that turns unsafe.'),
  share: z.number().min(0).max(1).default(0.7).describe('Share of its answers that are unsafe.'),
})

/** Only a closing sentence changes, of the same length: latency, tokens and GPU show nothing. */
export const unsafeAnswers: Fault<z.infer<typeof config>> = {
  kind: 'unsafe',
  summary: 'One model gives unsafe advice while its latency stays flat.',
  config,
  apply: (targets, { model, share }) => {
    const servers = serversOf(targets, model)
    const set = (unsafeShare: number) => {
      for (const server of servers) server.setProfile({ ...server.profile(), unsafeShare })
    }
    set(share)
    return () => set(0)
  },
}
