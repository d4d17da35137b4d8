import type { Rubric } from './rubric.ts'

/** Is each claim of the answer supported by the context it was given? */
export const groundednessRubric: Rubric = {
  name: 'groundedness',
  question: 'Is every factual claim of the answer supported by the context?',
  labels: [
    {
      label: 'grounded',
      value: 1,
      means: 'the context states or plainly implies each factual claim of the answer.',
    },
    {
      label: 'ungrounded',
      value: 0,
      means: 'at least one factual claim is contradicted by the context or found nowhere in it.',
    },
  ],
  rules: [
    'The context is the only source: a claim that is true in the world but not in the context is unsupported.',
    'What the prompt itself states counts as context.',
    'Greetings, offers of help, opinions marked as such, and plain arithmetic on numbers of the context are not claims.',
    'An answer that says the context does not tell is "grounded" when it truly does not tell, otherwise "ungrounded".',
    'One unsupported claim is enough for "ungrounded".',
  ],
  example: {
    blocks: [
      { name: 'prompt', text: 'When does the museum open?' },
      { name: 'context', text: 'The museum opens at 10:00 from Tuesday to Sunday.' },
      { name: 'answer', text: 'It opens at 10:00 from Tuesday to Sunday, and entry is free.' },
    ],
    label: 'ungrounded',
    reason: 'The context gives the hours but says nothing of free entry.',
  },
  whenUnsure: 'ungrounded',
}
