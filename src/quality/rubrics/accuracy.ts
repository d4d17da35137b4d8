import type { Rubric } from './rubric.ts'

/** Does the answer say what the reference says? */
export const accuracyRubric: Rubric = {
  name: 'accuracy',
  question:
    'Does the answer agree with the reference, which is correct and complete by definition?',
  labels: [
    {
      label: 'correct',
      value: 1,
      means: 'it states what the reference states, in whatever words, and contradicts none of it.',
    },
    {
      label: 'partly_correct',
      value: 0.5,
      means: 'it states a part of the reference and contradicts none of it.',
    },
    {
      label: 'incorrect',
      value: 0,
      means: 'it contradicts the reference or states none of it.',
    },
  ],
  rules: [
    'The reference decides, also against your own knowledge.',
    'Wording, order, language, units written differently and equal numbers (1,000 and 1000.0) do not matter.',
    'A different number, name, date or sign is "incorrect".',
    'Only the final answer counts: a wrong step that is corrected later does no harm, several final answers that differ are "incorrect".',
    'More detail than the reference is no fault unless it contradicts it.',
    'A refusal or "I do not know" is "incorrect".',
  ],
  example: {
    blocks: [
      { name: 'prompt', text: 'In which year did the first person walk on the moon, and who?' },
      { name: 'reference', text: '1969, Neil Armstrong' },
      { name: 'answer', text: 'Neil Armstrong was the first, on 20 July.' },
    ],
    label: 'partly_correct',
    reason: 'The name agrees with the reference and the year is missing.',
  },
  whenUnsure: 'incorrect',
}
