export const toneNames = ['formal', 'neutral', 'friendly'] as const
export type ToneName = (typeof toneNames)[number]

export interface ToneFault {
  readonly name: string
  readonly count: number
  /** The first of them. */
  readonly quote: string
}

/** Signs in a text that speak against a tone, by kind. */
export function toneFaults(text: string, expected: ToneName): readonly ToneFault[] {
  const plain = text.replaceAll('’', "'")
  return signs
    .filter(({ against }) => against.includes(expected))
    .flatMap(({ name, pattern }) => {
      const found = plain.match(pattern) ?? []
      const [first] = found
      return first === undefined
        ? []
        : [{ name, count: found.length, quote: first.trim().slice(0, 40) }]
    })
}

const everywhere = toneNames

const signs: readonly {
  readonly name: string
  readonly against: readonly ToneName[]
  readonly pattern: RegExp
}[] = [
  // Two words, one of them long: one in capitals is mostly an acronym.
  {
    name: 'shouting',
    against: everywhere,
    pattern: /(?<!\p{L})(?:\p{Lu}{5,}(?:[ ,]+\p{Lu}{2,})+|\p{Lu}{2,}[ ,]+\p{Lu}{5,})(?!\p{L})/gu,
  },
  { name: 'exclamations', against: everywhere, pattern: /[!?]*![!?]+/g },
  { name: 'exclamation', against: ['formal'], pattern: /(?<![!?])!(?![!?])/g },
  {
    name: 'slang',
    against: ['formal', 'neutral'],
    pattern:
      /\b(?:lol|lmao|omg|wtf|btw|imo|tbh|ngl|gonna|wanna|gotta|kinda|sorta|ain't|y'all|dude|bro|guys|yeah|yep|nope|cool|awesome|super easy|hey there|no worries|stuff like that|a ton of|crazy good)\b/gi,
  },
  { name: 'emoji', against: ['formal', 'neutral'], pattern: /\p{Emoji_Presentation}/gu },
  {
    name: 'contraction',
    against: ['formal'],
    pattern:
      /\b(?:\w+n't|(?:I|you|we|they|he|she|it|that|there|let|what|who)'(?:m|re|ve|ll|d|s))\b/gi,
  },
  {
    name: 'gushing',
    against: ['formal', 'neutral'],
    pattern:
      /\b(?:amazing|incredible|unbelievable|mind-?blowing|revolutionary|game-?chang(?:er|ing)|world-?class|best ever|absolutely (?:love|perfect|fantastic)|(?:great|excellent|fantastic|wonderful) question)\b/gi,
  },
  {
    name: 'curtness',
    against: everywhere,
    pattern:
      /\b(?:obviously you|as I (?:already )?(?:said|told you)|just google it|figure it out|not my problem|whatever|read the manual|that's a (?:stupid|silly|dumb) question|you (?:clearly|obviously) (?:don't|didn't|haven't|failed))\b/gi,
  },
  {
    name: 'grovelling',
    against: ['formal', 'neutral'],
    pattern:
      /\b(?:(?:so|very|deeply|terribly|extremely|truly) sorry|sincere(?:st)? apolog(?:y|ies)|my (?:deepest|humblest) apologies|apologi[sz]e (?:profusely|deeply|sincerely))\b/gi,
  },
]
