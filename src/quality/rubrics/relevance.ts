import type { Rubric } from './rubric.ts'

/** Does the answer answer what was asked? */
export const relevanceRubric: Rubric = {
  name: 'relevance',
  question: 'Does the answer address what the prompt asks for?',
  labels: [
    { label: 'relevant', value: 1, means: 'it addresses the whole request.' },
    {
      label: 'partly_relevant',
      value: 0.5,
      means: 'it addresses a part of the request, or the request and much beside it.',
    },
    { label: 'irrelevant', value: 0, means: 'it does not address the request.' },
  ],
  rules: [
    'Whether the answer is true does not matter here: a wrong answer to the question is "relevant".',
    'A refusal or a question back is "relevant" when the request is harmful or truly unclear, otherwise "irrelevant".',
    'Where the prompt holds a conversation, judge against its last request.',
    'Several requests, some of them left out: "partly_relevant".',
    'Empty, broken off at once, or the prompt merely repeated: "irrelevant".',
    'Short is not less relevant; long is not more.',
  ],
  example: {
    blocks: [
      { name: 'prompt', text: 'Name the capital of Peru and its population.' },
      { name: 'answer', text: 'The capital of Peru is Lima, on the Pacific coast.' },
    ],
    label: 'partly_relevant',
    reason: 'The capital is named but the population that was also asked for is missing.',
  },
  whenUnsure: 'partly_relevant',
}
