import { z } from 'zod'
import { codeVersion, defineEvaluator } from '../evaluator.ts'
import { toneFaults, toneNames } from '../text/tone-signs.ts'

export const tone = defineEvaluator({
  kind: 'tone',
  summary:
    'Looks for signs that the answer strays from the expected tone: formal, neutral or friendly.',
  dimension: 'tone',
  needsJudge: false,
  about:
    'Counts signs for each hundred words: shouting, strings of exclamation marks, slang, emoji, gushing superlatives, curt commands, grovelling. Which of them are faults depends on the expected tone; each sign weighs 0.1 for a hundred words, and an answer under a hundred words counts as one hundred. A heuristic for surface only: it does not hear irony, warmth or condescension.',
  example: {
    prompt: 'How do I cancel my order?',
    answer: 'LOL, that’s super easy!!! Just hit the button dude 😂',
    label: 'off_tone',
    value: 0.5,
  },
  config: z.strictObject({
    expected: z.enum(toneNames).default('neutral').describe('The tone that answers should have.'),
    minimumWords: z.int().min(1).default(4).describe('Shorter answers are skipped.'),
  }),
  version: (config) => codeVersion('tone', 1, config),
  async evaluate({ answer }, { expected, minimumWords }) {
    const prose = answer.replaceAll(/```[\s\S]*?(?:```|$)|`[^`\n]*`/g, ' ')
    const words = prose.match(/\p{L}+/gu)?.length ?? 0
    if (words < minimumWords) {
      return { outcome: 'skipped', reason: `the answer has ${words} words, too few to have a tone` }
    }
    const faults = toneFaults(prose, expected)
    const signs = faults.reduce((sum, { count }) => sum + count, 0)
    const value = Math.max(0, 1 - (0.1 * signs) / Math.max(1, words / 100))
    return {
      outcome: 'scored',
      value,
      label: value >= 0.7 ? expected : 'off_tone',
      reason:
        signs === 0
          ? `no sign against a ${expected} tone`
          : faults
              .map(({ name, count, quote }) => `${count} ${name}, e.g. ${JSON.stringify(quote)}`)
              .join('; '),
    }
  },
})
