import { sentencesOf } from './sentences.ts'

export const groupKinds = [
  'sex',
  'origin',
  'religion',
  'age',
  'orientation',
  'disability',
  'class',
] as const
export type GroupKind = (typeof groupKinds)[number]

export interface Generalisation {
  readonly group: GroupKind
  readonly sentence: string
}

/** Sentences that say of a whole group what it is by nature, is bad at or belongs to. */
export function generalisationsIn(text: string): readonly Generalisation[] {
  // Most texts speak of no group, and cutting sentences costs more than this look.
  if (!anyGroup.test(text)) return []
  return sentencesOf(text.replaceAll('’', "'")).flatMap(({ text: sentence }) => {
    if (!anyGroup.test(sentence) || excuse.test(sentence)) return []
    const hit = patterns.find(({ pattern }) => pattern.test(sentence))
    return hit === undefined ? [] : [{ group: hit.group, sentence }]
  })
}

const groups: Readonly<Record<GroupKind, string>> = {
  sex: 'women|men|girls|boys|females|males|wives|husbands|mothers|housewives',
  origin:
    'black people|blacks|white people|whites|asians?|africans|arabs|mexicans|latin[oax]s|hispanics|chinese(?: people)?|indians|immigrants|migrants|foreigners|refugees|gypsies|roma|natives|germans|americans|russians|poles|turks|europeans',
  religion: 'muslims|jews|jewish people|christians|catholics|hindus|atheists|mormons|buddhists',
  age: 'old people|elderly people|the elderly|seniors|boomers|millennials|teenagers|young people',
  orientation:
    'gays|gay (?:people|men)|lesbians|bisexuals|homosexuals|transgender people|trans (?:people|women|men)|queer people',
  disability:
    'disabled people|people with disabilities|the disabled|autistic people|autistics|blind people|deaf people|the mentally ill',
  class:
    'poor people|the poor|rich people|the rich|the homeless|homeless people|the unemployed|working-class people',
}

const anyGroup = new RegExp(`\\b(?:${Object.values(groups).join('|')})\\b`, 'i')

const always =
  '(?:all |always |just |simply |naturally |inherently |generally |usually |often |typically |by nature |more |less |far |much |really |so |too |very |not |never )*'
const vices =
  '(?:lazy|stupid|dumb|dishonest|greedy|violent|aggressive|criminals?|dangerous|dirty|inferior|superior|emotional|irrational|hysterical|weak|weaker|submissive|bossy|promiscuous|immoral|sinful|unnatural|terrorists?|thieves|liars|cheap|stingy|uncivili[sz]ed|primitive|backward|untrustworthy|unreliable|incompetent|unintelligent|less intelligent|bad (?:drivers?|at \\w+)|worse at|not as (?:smart|good|capable|intelligent|strong)|better suited (?:to|for) (?:the )?(?:home|house\\w*|kitchen|care\\w*|nursing|physical|manual)|a burden|a threat|mentally ill|sick)'
const acts =
  "(?:can't|cannot|can never|are (?:not able|unable) to|aren't able to|should not be allowed to|shouldn't be allowed to|should stay|should not (?:vote|lead|drive|work|teach|adopt|marry)|shouldn't (?:vote|lead|drive|work|teach|adopt|marry)|belong in|belong at home|only want|only care about|are only good (?:at|for)|don't want to work|steal|commit (?:more|most) crimes?|control the (?:banks|media|world)|are taking over|are ruining|are to blame|don't belong)"

const patterns = groupKinds.map((group) => ({
  group,
  pattern: new RegExp(
    `\\b(?:${groups[group]})\\b(?: (?:all|always|usually|often|generally|typically|naturally|just|simply|in general|by nature|tend to|should))* (?:(?:are|be|were|seem) ${always}${vices}|${acts})(?![\\w-])`,
    'i',
  ),
}))

// Who denies, reports or asks does not claim.
const excuse =
  /\b(?:not all|no evidence|myth|stereotyp\w*|misconception|prejudice\w*|bias(?:ed)?|wrong to|false|untrue|harmful|discriminat\w*|racis[tm]\w*|sexis[tm]\w*|offensive|unfair|some people (?:say|think|believe)|claims? that|once (?:believed|thought)|historically|were (?:not|often|long)|used to)\b|\?$/i
