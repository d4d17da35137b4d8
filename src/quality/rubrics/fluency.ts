import type { Rubric } from './rubric.ts'

/** Is the answer well-formed language? */
export const fluencyRubric: Rubric = {
  name: 'fluency',
  question: 'Is the answer well-formed, natural language?',
  labels: [
    {
      label: 'fluent',
      value: 1,
      means: 'grammar, spelling and word choice are those of a careful writer.',
    },
    {
      label: 'partly_fluent',
      value: 0.5,
      means: 'it is understood at once, with several mistakes or unnatural turns.',
    },
    {
      label: 'not_fluent',
      value: 0,
      means:
        'mistakes make it hard to understand, languages are mixed without reason, or characters are broken.',
    },
  ],
  rules: [
    'Judge the language alone, not the content.',
    'Any language and any dialect can be "fluent".',
    'Code, tables, formulas and quotations are not judged.',
    'One or two slips in a long answer are still "fluent".',
    'Half-finished words, stray markup or mojibake in running text are "not_fluent".',
  ],
  example: {
    blocks: [
      { name: 'prompt', text: 'How do I reset my password?' },
      {
        name: 'answer',
        text: 'For reset of password you goes in settings and click at there the "Reset" link, it will arrive mail.',
      },
    ],
    label: 'partly_fluent',
    reason:
      'It is understood, yet "you goes", "click at there" and "it will arrive mail" are mistakes.',
  },
  whenUnsure: 'fluent',
}
