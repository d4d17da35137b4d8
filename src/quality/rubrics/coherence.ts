import type { Rubric } from './rubric.ts'

/** Does the answer hang together? */
export const coherenceRubric: Rubric = {
  name: 'coherence',
  question:
    'Does the answer hang together: does each part follow from what stands before it, without contradiction?',
  labels: [
    {
      label: 'coherent',
      value: 1,
      means: 'it can be followed from start to end and contradicts itself nowhere.',
    },
    {
      label: 'partly_coherent',
      value: 0.5,
      means: 'it can be followed, with a jump, a repetition or a loose end that disturbs.',
    },
    {
      label: 'incoherent',
      value: 0,
      means: 'it contradicts itself, loses its thread, loops, or is word salad.',
    },
  ],
  rules: [
    'Compare the answer with itself, not with the world: a false answer can be coherent.',
    'Two statements that cannot both be true make it "incoherent", unless the second openly corrects the first.',
    'The same passage again and again is "incoherent".',
    'A list needs no transitions.',
    'One sentence that answers is "coherent".',
  ],
  example: {
    blocks: [
      { name: 'prompt', text: 'Is the shop open on Sunday?' },
      { name: 'answer', text: 'Yes, it opens on Sundays at ten. It is closed all weekend.' },
    ],
    label: 'incoherent',
    reason: 'Open on Sundays and closed all weekend cannot both be true.',
  },
  whenUnsure: 'coherent',
}
