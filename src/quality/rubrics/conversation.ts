import type { Rubric } from './rubric.ts'

/** Does the answer fit the turns before it? */
export const conversationRubric: Rubric = {
  name: 'conversation',
  question:
    'Does the answer fit the conversation in the prompt: does it remember what was said and stay consistent with it?',
  labels: [
    {
      label: 'consistent',
      value: 1,
      means: 'it uses what was said where it matters and contradicts none of it.',
    },
    {
      label: 'forgetful',
      value: 0.5,
      means: 'it asks again for what was said, or ignores it without harm to the answer.',
    },
    {
      label: 'contradictory',
      value: 0,
      means:
        'it contradicts an earlier turn, mixes speakers or topics up, or breaks something that was agreed on.',
    },
    { label: 'not_applicable', value: null, means: 'the prompt holds a single turn.' },
  ],
  rules: [
    'An open correction of an earlier mistake is "consistent".',
    'When the user changes the topic, the answer must follow; the old topic is no measure.',
    'Names, numbers and preferences that the user gave count as said.',
    'A correction by the user counts from there on.',
    'Whether statements are true does not matter, only whether they fit together.',
  ],
  example: {
    blocks: [
      {
        name: 'prompt',
        text: 'user: I am vegetarian. What shall I cook?\nassistant: A vegetable curry.\nuser: And for tomorrow?',
      },
      { name: 'answer', text: 'For tomorrow, a roast chicken with potatoes.' },
    ],
    label: 'contradictory',
    reason: 'The user said to be vegetarian and the answer proposes chicken.',
  },
  whenUnsure: 'consistent',
}
