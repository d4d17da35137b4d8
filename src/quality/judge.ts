// The LLM judge: asks one question about one answer at a time, within its concurrency and its budget.
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent } from 'undici'
import type { JudgeConfig } from '../config/schema.ts'
import { type JudgeBudget, openBudget } from './judge-budget.ts'
import { costOf, readReply, responseFormat, roughTokens } from './judge-reply.ts'
import { requestVerdict } from './judge-request.ts'
import { Slots } from './slots.ts'

export interface JudgeQuestion {
  readonly system: string
  readonly user: string
  readonly labels: readonly string[]
}

/** `latencySeconds` is the judge's own time over all tries, without waiting for a slot or backing off. */
export type JudgeAnswer = {
  readonly costUsd: number
  readonly latencySeconds: number
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
}

/** Opens the client; no request is made before the first question. */
export function openJudge(config: JudgeConfig, options: JudgeOptions = {}): Judge {
  const slots = new Slots(config.concurrency)
  const budget = openBudget(config.budgetPerDay, options.now ?? Date.now)
  const agent = new Agent({ connections: config.concurrency, connect: { timeout: config.timeout } })
  const line: Line = { config, budget, agent, backOffMs: options.backOffMs ?? 500 }
  return {
    model: config.model,
    async ask(question, signal) {
      const release = await slots.take(signal)
      try {
        return await askWithinBudget(line, question, signal)
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
    close: () => agent.destroy(),
  }
}

/** Longest verdict in tokens; a reasoning judge thinks within it. */
const longestVerdictTokens = 1_024
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
}

async function askWithinBudget(
  line: Line,
  question: JudgeQuestion,
  signal: AbortSignal,
): Promise<JudgeAnswer> {
  const { budget, config } = line
  const inputTokens = roughTokens(question.system) + roughTokens(question.user)
  const expectedUsd = costOf({ inputTokens, outputTokens: longestVerdictTokens }, config)
  if (!budget.reserve(expectedUsd)) {
    const spent = budget.spentTodayUsd().toFixed(4)
    const reason = `the judge’s budget of ${budget.limitUsd} $ a day is used up (${spent} $ spent)`
    return { outcome: 'dropped', reason, costUsd: 0, latencySeconds: 0 }
  }
  const tally: Tally = { costUsd: 0, latencySeconds: 0 }
  try {
    const end = await converse(line, question, { signal, tally })
    return { ...end, costUsd: tally.costUsd, latencySeconds: tally.latencySeconds }
  } finally {
    budget.settle(expectedUsd, tally.costUsd)
  }
}

type End =
  | { readonly outcome: 'answered'; readonly label: string; readonly reason: string }
  | { readonly outcome: 'failed'; readonly reason: string }

/** Asks until there is a verdict: once more after nonsense, `retries` times more after passing faults. */
async function converse(
  line: Line,
  question: JudgeQuestion,
  run: { readonly signal: AbortSignal; readonly tally: Tally },
): Promise<End> {
  const { config } = line
  let faults = 0
  let nonsense: string | null = null
  for (;;) {
    const body = requestBody(config, question, nonsense)
    const end = await requestVerdict(config, body, { dispatcher: line.agent, signal: run.signal })
    run.tally.latencySeconds += end.seconds
    if (end.kind === 'refusal') return { outcome: 'failed', reason: end.reason }
    if (end.kind === 'fault') {
      faults += 1
      if (faults > config.retries) {
        return { outcome: 'failed', reason: `${end.reason} (${faults} tries)` }
      }
      const waitMs = end.retryAfterMs ?? line.backOffMs * 2 ** (faults - 1) * (0.5 + Math.random())
      await sleep(Math.min(longestBackOffMs, waitMs), undefined, { signal: run.signal })
      continue
    }
    const reply = readReply(end.body, question.labels)
    const usage = reply.usage ?? {
      inputTokens: roughTokens(body),
      outputTokens: roughTokens(end.body),
    }
    run.tally.costUsd += costOf(usage, config)
    if (reply.kind === 'verdict') {
      return { outcome: 'answered', label: reply.label, reason: reply.reason }
    }
    if (nonsense !== null) {
      return { outcome: 'failed', reason: `the judge answered nonsense twice: ${reply.reason}` }
    }
    nonsense = reply.reason
  }
}

function requestBody(
  config: JudgeConfig,
  question: JudgeQuestion,
  nonsense: string | null,
): string {
  const messages = [
    { role: 'system', content: question.system },
    { role: 'user', content: nonsense === null ? question.user : `${question.user}\n${reminder}` },
  ]
  return JSON.stringify({
    model: config.model,
    messages,
    temperature: 0,
    max_tokens: longestVerdictTokens,
    response_format: responseFormat(question.labels),
  })
}

const reminder =
  'Your last reply was not the JSON object that was asked for. Reply with that object and nothing else.'
