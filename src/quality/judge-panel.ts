// Several judges as one: the label that most of them give, and how they were divided.
import type { Judge, JudgeAnswer, JudgeStats } from './judge.ts'

type Answered = JudgeAnswer & { readonly outcome: 'answered' }

/**
 * A panel of judges that are asked side by side. More than half of the panel must give the same label: a panel that
 * is divided, or too small because judges failed, gives no verdict. Where not all agree, the reason begins with
 * `panel 2 of 3:`, so that people can be shown what judges are divided about.
 */
export function openPanel(judges: readonly Judge[]): Judge {
  return {
    model: judges.map(({ model }) => model).join('+'),
    async ask(question, signal) {
      const answers = await Promise.all(judges.map((judge) => judge.ask(question, signal)))
      return { ...joint(answers, judges), ...effortOf(answers, judges) }
    },
    charge(usd) {
      // The store knows one sum for the panel; each judge's own spend record knows its part.
      for (const judge of judges) judge.charge(usd / judges.length)
    },
    stats: () => judges.map((judge) => judge.stats()).reduce(plus),
    async close() {
      await Promise.all(judges.map((judge) => judge.close()))
    },
  }
}

function joint(
  answers: readonly JudgeAnswer[],
  judges: readonly Judge[],
):
  | { readonly outcome: 'answered'; readonly label: string; readonly reason: string }
  | { readonly outcome: 'failed' | 'dropped'; readonly reason: string } {
  const given = answers.filter((answer): answer is Answered => answer.outcome === 'answered')
  const [best = []] = byLabel(given).toSorted((a, b) => b.length - a.length)
  const [first] = best
  if (first === undefined || best.length * 2 <= judges.length) return divided(answers, judges)
  if (best.length === judges.length) {
    return { outcome: 'answered', label: first.label, reason: first.reason }
  }
  const reason = `panel ${best.length} of ${judges.length}: ${first.reason} (${said(answers, judges)})`
  return { outcome: 'answered', label: first.label, reason: reason.slice(0, 500) }
}

function divided(answers: readonly JudgeAnswer[], judges: readonly Judge[]) {
  const isDropped = answers.every(({ outcome }) => outcome === 'dropped')
  const reason = `the panel of ${judges.length} has no majority: ${said(answers, judges)}`
  return { outcome: isDropped ? ('dropped' as const) : ('failed' as const), reason }
}

function byLabel(answers: readonly Answered[]): readonly (readonly Answered[])[] {
  const labels = [...new Set(answers.map(({ label }) => label))]
  return labels.map((label) => answers.filter((answer) => answer.label === label))
}

function said(answers: readonly JudgeAnswer[], judges: readonly Judge[]): string {
  return answers
    .map((answer, at) => {
      const what = answer.outcome === 'answered' ? answer.label : answer.reason
      return `${judges[at]?.model ?? ''}: ${what}`
    })
    .join(', ')
}

function effortOf(answers: readonly JudgeAnswer[], judges: readonly Judge[]) {
  const isOther = answers.some(({ servedBy }) => servedBy !== undefined)
  const names = answers.map(({ servedBy }, at) => servedBy ?? judges[at]?.model ?? '')
  return {
    costUsd: answers.reduce((sum, { costUsd }) => sum + costUsd, 0),
    // They are asked side by side; the slowest is what the answer waited for.
    latencySeconds: Math.max(...answers.map(({ latencySeconds }) => latencySeconds)),
    ...(isOther ? { servedBy: names.join('&') } : {}),
  }
}

function plus(a: JudgeStats, b: JudgeStats): JudgeStats {
  return {
    underWay: a.underWay + b.underWay,
    waiting: a.waiting + b.waiting,
    spentTodayUsd: a.spentTodayUsd + b.spentTodayUsd,
    budgetUsd: a.budgetUsd + b.budgetUsd,
  }
}
