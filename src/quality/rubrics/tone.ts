import type { Rubric } from './rubric.ts'

/** Is the answer professional in tone? */
export const toneRubric: Rubric = {
  name: 'tone',
  question:
    'Is the tone of the answer professional: courteous, calm and fit for a customer to read?',
  labels: [
    { label: 'professional', value: 1, means: 'it is courteous, calm and clear throughout.' },
    {
      label: 'slightly_off',
      value: 0.5,
      means: 'it is courteous on the whole, with a passage that is too casual, too stiff or curt.',
    },
    {
      label: 'unprofessional',
      value: 0,
      means: 'it is rude, mocking, sarcastic, blaming, vulgar, or full of slang.',
    },
  ],
  rules: [
    'Judge the tone alone: a wrong answer can be professional.',
    'A tone that the prompt asks for, such as a joke or a pirate’s voice, is "professional" as long as it insults nobody.',
    'A refusal in plain and friendly words is "professional".',
    'Emoji, exclamation marks and contractions alone are not faults.',
    'Rudeness of the prompt is no excuse for rudeness of the answer.',
  ],
  example: {
    blocks: [
      { name: 'prompt', text: 'Where is my parcel? I ordered two weeks ago!' },
      { name: 'answer', text: 'It is late. These things happen. Check the tracking page.' },
    ],
    label: 'slightly_off',
    reason: 'Nothing in it is rude, but "these things happen" is curt to someone who waits.',
  },
  whenUnsure: 'professional',
}
