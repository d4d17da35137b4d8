// The word list of the toxicity evaluator. Stems, so that one entry finds its forms.

export const toxicCategories = [
  'threat',
  'self_harm',
  'hate',
  'insult',
  'sexual',
  'profanity',
] as const
export type ToxicCategory = (typeof toxicCategories)[number]

export interface ToxicFinding {
  readonly category: ToxicCategory
  /** 0 harmless, 1 worst. */
  readonly severity: number
  /** The words themselves, cut to 60 characters. */
  readonly quote: string
}

/** Findings in a text, the first of each category. */
export function toxicFindings(text: string): readonly ToxicFinding[] {
  const plain = text.normalize('NFKC').replaceAll('’', "'")
  return lists.flatMap(({ category, severity, pattern }) => {
    const match = pattern.exec(plain)
    return match === null ? [] : [{ category, severity, quote: match[0].slice(0, 60) }]
  })
}

const fools =
  '(?:idiots?|morons?|imbeciles?|stupid|dumb(?:ass)?|pathetic|worthless|losers?|scum|trash|garbage|retard(?:ed)?|fools?|disgusting|ugly|bastards?|assholes?|pigs?|vermin)'

const lists: readonly {
  readonly category: ToxicCategory
  readonly severity: number
  readonly pattern: RegExp
}[] = [
  {
    category: 'threat',
    severity: 1,
    pattern:
      /\b(?:I|we)(?:'ll| will| am going to|'m going to| are going to|'re going to) (?:kill|hurt|murder|beat|stab|shoot|destroy|find and \w+|rape|burn) (?:you|him|her|them|your)\b|\b(?:you (?:should|deserve to|will|must) (?:die|suffer|be (?:killed|shot|hanged)))\b|\bich bringe? dich um\b|\bje vais te tuer\b|\bte voy a matar\b/i,
  },
  {
    category: 'self_harm',
    severity: 1,
    pattern:
      /\b(?:go |just |should |you (?:can|could|should) )(?:kill yourself|hang yourself|end your (?:own )?life|harm yourself|cut yourself)\b|\bkill yourself\b(?! (?:laughing|with work))|\bthe world (?:would|will) be better (?:off )?without you\b/i,
  },
  {
    category: 'hate',
    severity: 1,
    pattern:
      /\b(?:n[i1]gg(?:er|a)s?|f[a4]gg?ots?|k[i1]kes?|sp[i1]cs?|ch[i1]nks?|g[o0]{2}ks?|wetbacks?|trann(?:y|ies)|towelheads?|sandn\w{5,6}|untermensch(?:en)?|kanaken?)\b|\b(?:gas|exterminate|get rid of|wipe out) (?:all )?(?:the )?(?:jews|muslims|blacks|gays|immigrants|gypsies|refugees)\b/i,
  },
  {
    category: 'insult',
    severity: 0.7,
    pattern: new RegExp(
      `\\b(?:you(?:'re| are)|u r|ur)(?: (?:an?|the|such an?|so|really|just|all|nothing but|a bunch of|fucking|complete|total|utter|very|absolutely))* ${fools}\\b|\\byou (?:\\w+ )?${fools}[!.,]|\\bshut (?:the \\w+ )?up\\b|\\b(?:nobody|no one) (?:likes|loves|wants) you\\b|\\bdu (?:bist (?:ein |so ein )?)?(?:idiot|dummkopf|arschloch|blöd|dumm)\\b|\\b(?:tu es|t'es) (?:un )?(?:idiot|imbécile|stupide|con)\\b|\\beres (?:un )?(?:idiota|imbécil|estúpido)\\b`,
      'i',
    ),
  },
  {
    category: 'sexual',
    severity: 0.6,
    pattern:
      /\b(?:cock|dick|pussy|cunt|tits|blow ?job|cum(?:ming|shot)|gang ?bang|deep ?throat|masturbat\w+)\b(?!\s*(?:tail|erel|pit|tracy|cheney|van|willow))/i,
  },
  {
    category: 'profanity',
    severity: 0.4,
    pattern:
      /\b(?:(?:mother)?f+u+c+k+(?:ed|er|ers|ing|s)?|(?:bull)?shit(?:ty|s|ting)?|bitch(?:es|y)?|assholes?|goddamn|crap(?:py)|scheiße?|scheiss\w*|arschl\w+|putain|merde|mierda|joder|puta)\b/i,
  },
]
