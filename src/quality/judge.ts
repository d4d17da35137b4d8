// The LLM judge: asks one question about one answer at a time, within its concurrency and its budget.
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent } from 'undici'
import type { JudgeConfig } from '../config/schema.ts'
import { judgeBody, type JudgeQuestion, longestVerdictTokens } from './judge-body.ts'
import { type JudgeBudget, openBudget } from './judge-budget.ts'
import { costOf, readReply, roughTokens } from './judge-reply.ts'
import { requestVerdict } from './judge-request.ts'
import { Slots } from './slots.ts'
import type { SpendRecord } from './spend-record.ts'

/** `latencySeconds` is the judge's own time over all tries, without waiting for a slot or backing off. */
export type JudgeAnswer = {
  readonly costUsd: number
  readonly latencySeconds: number
  /** The model that the server says it was, where that is not the one that was asked for. */
  readonly servedBy?: string
} & (
  | { readonly outcome: 'answered'; readonly label: string; readonly reason: string }
  | { readonly outcome: 'failed' | 'dropped'; readonly reason: string }
)

export interface Judge {
  readonly model: string
  /** Rejects only when `signal` aborts; every fault of the judge is an answer with its reason. */
  ask(question: JudgeQuestion, signal: AbortSignal): Promise<JudgeAnswer>
  /** Counts money spent today by an earlier process against the budget. */
  charge(usd: number): void
  stats(): JudgeStats
  close(): Promise<void>
}

export interface JudgeStats {
  readonly underWay: number
  readonly waiting: number
  readonly spentTodayUsd: number
  readonly budgetUsd: number
}

export interface JudgeOptions {
  /** Clock in epoch milliseconds. */
  readonly now?: () => number
  /** First wait after a passing fault; doubles with each further one, with jitter. */
  readonly backOffMs?: number
  /** Where spending outlives the process. */
  readonly record?: SpendRecord
}

/** Opens the client; no request is made before the first question. */
export function openJudge(config: JudgeConfig, options: JudgeOptions = {}): Judge {
  const { now = Date.now, record, backOffMs = 500 } = options
  const slots = new Slots(config.concurrency)
  const budget = openBudget(config.budgetPerDay, record === undefined ? { now } : { now, record })
  const agent = new Agent({ connections: config.concurrency, connect: { timeout: config.timeout } })
  const line: Line = { config, budget, agent, backOffMs }
  return {
    model: config.model,
    async ask(question, signal) {
      const release = await slots.take(signal)
      const tally: Tally = { costUsd: 0, latencySeconds: 0, servedBy: undefined }
      try {
        const end = await converse(line, question, { signal, tally })
        const { costUsd, latencySeconds, servedBy } = tally
        return { ...end, costUsd, latencySeconds, ...(servedBy === undefined ? {} : { servedBy }) }
      } finally {
        release()
      }
    },
    charge: (usd) => budget.charge(usd),
    stats: () => ({
      underWay: slots.held,
      waiting: slots.waiting,
      spentTodayUsd: budget.spentTodayUsd(),
      budgetUsd: budget.limitUsd,
    }),
    async close() {
      await agent.destroy()
      budget.close()
    },
  }
}

const longestBackOffMs = 30_000

interface Line {
  readonly config: JudgeConfig
  readonly budget: JudgeBudget
  readonly agent: Agent
  readonly backOffMs: number
}

/** Running totals of one question over all its tries. */
interface Tally {
  costUsd: number
  latencySeconds: number
  servedBy: string | undefined
}

interface Run {
  readonly signal: AbortSignal
  readonly tally: Tally
}

type End =
  | { readonly outcome: 'answered'; readonly label: string; readonly reason: string }
  | { readonly outcome: 'failed' | 'dropped'; readonly reason: string }

/** Asks until there is a verdict: once more after nonsense, `retries` times more after passing faults. */
async function converse(line: Line, question: JudgeQuestion, run: Run): Promise<End> {
  const { config } = line
  let faults = 0
  let nonsense: string | null = null
  for (;;) {
    const body = judgeBody(config.model, question, nonsense !== null)
    const end = await askOnce(line, { body, labels: question.labels }, run)
    switch (end.kind) {
      case 'verdict':
        return { outcome: 'answered', label: end.label, reason: end.reason }
      case 'refusal':
        return { outcome: 'failed', reason: end.reason }
      case 'unpaid':
        if (nonsense === null) return { outcome: 'dropped', reason: end.reason }
        return { outcome: 'failed', reason: `${nonsense}; not asked again: ${end.reason}` }
      case 'nonsense':
        if (nonsense !== null) {
          return { outcome: 'failed', reason: `the judge answered nonsense twice: ${end.reason}` }
        }
        nonsense = `the judge answered nonsense: ${end.reason}`
        break
      case 'fault':
        faults += 1
        if (faults > config.retries) {
          return { outcome: 'failed', reason: `${end.reason} (${faults} tries)` }
        }
        await sleep(backOff(line, faults, end.retryAfterMs), undefined, { signal: run.signal })
    }
  }
}

function backOff({ backOffMs }: Line, faults: number, retryAfterMs: number | null): number {
  const waitMs = retryAfterMs ?? backOffMs * 2 ** (faults - 1) * (0.5 + Math.random())
  return Math.min(longestBackOffMs, waitMs)
}

type OneEnd =
  | { readonly kind: 'verdict'; readonly label: string; readonly reason: string }
  | { readonly kind: 'nonsense' | 'refusal' | 'unpaid'; readonly reason: string }
  | { readonly kind: 'fault'; readonly reason: string; readonly retryAfterMs: number | null }

/** One request, for which the most that it can cost is held until it is known what it did cost. */
async function askOnce(
  line: Line,
  asked: { readonly body: string; readonly labels: readonly string[] },
  { signal, tally }: Run,
): Promise<OneEnd> {
  const { config, budget } = line
  const hold = await budget.hold(mostOf(asked.body, config), signal)
  if (hold.kind === 'refused') return { kind: 'unpaid', reason: hold.reason }
  // A request that was sent and brought nothing back is billed all the same: it counts as answered at length.
  let costUsd = costOf(
    { inputTokens: roughTokens(asked.body), outputTokens: longestVerdictTokens },
    config,
  )
  try {
    const end = await requestVerdict(config, asked.body, { dispatcher: line.agent, signal })
    tally.latencySeconds += end.seconds
    if (end.kind !== 'body') {
      if (!end.mayBeBilled) costUsd = 0
      return end
    }
    const reply = readReply(end.body, asked.labels)
    costUsd = costOf(reply.usage ?? roughUsage(asked.body, end.body), config)
    if (reply.model !== null && reply.model !== config.model) tally.servedBy = reply.model
    return reply
  } finally {
    hold.settle(costUsd)
    tally.costUsd += costUsd
  }
}

/** US dollars that a request cannot exceed: no tokenizer makes more tokens of a text than it has bytes. */
function mostOf(body: string, config: JudgeConfig): number {
  const usage = { inputTokens: Buffer.byteLength(body), outputTokens: longestVerdictTokens }
  return costOf(usage, config)
}

function roughUsage(body: string, reply: string) {
  return { inputTokens: roughTokens(body), outputTokens: roughTokens(reply) }
}
