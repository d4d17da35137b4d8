import type { Rubric } from './rubric.ts'

/** Does the answer cover everything that was asked for? */
export const completenessRubric: Rubric = {
  name: 'completeness',
  question: 'Does the answer cover every part of what the prompt asks for?',
  labels: [
    { label: 'complete', value: 1, means: 'each part of the request is answered.' },
    {
      label: 'partly_complete',
      value: 0.5,
      means: 'the main part is answered, and a part that was asked for is missing.',
    },
    {
      label: 'incomplete',
      value: 0,
      means: 'the main part is missing, or the answer breaks off before it.',
    },
  ],
  rules: [
    'First count the parts that the prompt asks for: each question, each item of a list, each constraint of form.',
    'Whether a part is answered rightly does not matter here.',
    'A part that is declined with a reason counts as answered.',
    'What the prompt does not ask for cannot be missing.',
    'Short is not incomplete; long is not complete.',
  ],
  example: {
    blocks: [
      { name: 'prompt', text: 'List three primary colours and say why they are called so.' },
      { name: 'answer', text: 'Red, yellow and blue.' },
    ],
    label: 'partly_complete',
    reason: 'The three colours are listed and the reason that was asked for is missing.',
  },
  whenUnsure: 'partly_complete',
}
