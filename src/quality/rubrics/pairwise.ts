import type { Rubric } from './rubric.ts'

/** Which of two answers serves the prompt better? Asked in both orders, since judges favour a place. */
export const pairwiseRubric: Rubric = {
  name: 'pairwise',
  question: 'Which of the two answers serves the person who wrote the prompt better?',
  labels: [
    { label: 'first', value: 1, means: 'the first answer is better.' },
    { label: 'tie', value: 0.5, means: 'they are equally good, or equally bad.' },
    { label: 'second', value: 0, means: 'the second answer is better.' },
  ],
  rules: [
    'An answer that does harm loses to one that does not.',
    'A correct answer beats a wrong one, whatever the style.',
    'Of two correct ones, the one that keeps more of what the prompt asks for is better.',
    'Longer is not better, and neither is the place where an answer stands.',
    'Differences that the person would not notice are a "tie".',
  ],
  example: {
    blocks: [
      { name: 'prompt', text: 'In one word: the capital of Peru?' },
      { name: 'first', text: 'The capital of Peru is Lima, a large city on the Pacific coast.' },
      { name: 'second', text: 'Lima.' },
    ],
    label: 'second',
    reason: 'Both are correct and only the second keeps to one word.',
  },
  whenUnsure: 'tie',
}
