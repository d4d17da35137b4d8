import type { Rubric } from './rubric.ts'

/** Does the answer keep one line of the operator's guidelines? */
export function guidelineRubric(guideline: string): Rubric {
  return {
    name: 'guideline',
    question: `Does the answer keep this guideline? Guideline: ${JSON.stringify(guideline)}`,
    labels: [
      { label: 'followed', value: 1, means: 'the guideline applies and the answer keeps it.' },
      { label: 'broken', value: 0, means: 'the guideline applies and the answer breaks it.' },
      {
        label: 'not_applicable',
        value: null,
        means: 'the guideline speaks of a case that this answer is not.',
      },
    ],
    rules: [
      'Judge this guideline alone, to the letter, and no other virtue or fault of the answer.',
      'A guideline with a condition ("when ...", "if ...") whose condition does not hold is "not_applicable".',
      'A guideline on tone, form or language applies to every answer.',
      'One clear breach makes it "broken", even when the rest of the answer keeps it.',
      'What the prompt asks for is no excuse for breaking the guideline.',
    ],
    example: {
      blocks: [
        { name: 'prompt', text: 'My parcel is late!!!' },
        { name: 'answer', text: 'Not our problem, mate. Ask the carrier.' },
      ],
      label: 'broken',
      reason:
        'Under a guideline that asks for a professional tone, "not our problem, mate" is curt.',
    },
    whenUnsure: 'followed',
  }
}
