import { z } from 'zod'
import { codeVersion, defineEvaluator, type Verdict } from '../evaluator.ts'
import { citationsOf, type Citation } from '../text/citations.ts'
import { sourcesOf, type Source } from '../text/sources.ts'
import { passagesOf, supportOf, type Passages, type Support } from '../text/support.ts'

export const citationCheck = defineEvaluator({
  kind: 'citation_check',
  summary:
    'Checks that each citation of the answer ([1], URL) exists among the sources and that its passage supports the sentence.',
  dimension: 'groundedness',
  needsJudge: false,
  needs: ['context'],
  about:
    'Sources are the attribute `sources` (a JSON list of texts, or of objects with `url`, `title`, `text`, `id`), else the attribute `context`: its parts that open with [1], [2], …, or its paragraphs in order. A citation is good when its source exists and the source holds at least `share` of the content words of the sentence and all its numbers. A URL must stand in the sources; where a source has a URL and no text, only that can be checked, and the reason says so. The score is the share of good citations. Citations in code are left alone.',
  example: {
    prompt: 'What do the sources say about the bridge?',
    answer: 'The bridge was opened in 1932 [1]. It is painted every year [3].',
    attributes: {
      sources:
        '["The harbour bridge was opened in March 1932.", "Trains cross the bridge since 1933."]',
    },
    label: 'bad_citations',
    value: 0.5,
  },
  config: z.strictObject({
    required: z
      .boolean()
      .default(false)
      .describe('Whether an answer without a citation scores 0; else it is skipped.'),
    share: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe(
        'Share of the sentence’s content words that the cited source must hold; 0 checks existence alone.',
      ),
  }),
  version: (config) => codeVersion('citation_check', 1, config),
  async evaluate({ answer, attributes }, { required, share }) {
    const citations = citationsOf(answer)
    const sources = sourcesOf(attributes)
    if (citations.length === 0) return uncited(required)
    if (sources.length === 0) {
      return { outcome: 'skipped', reason: 'the call has no attribute sources or context' }
    }
    const supportBy = supportFinder()
    const faults = citations.flatMap((citation) => {
      const fault = faultOf(citation, { sources, share, supportBy })
      return fault === null ? [] : [`${citation.mark}: ${fault}`]
    })
    const bare = citations.filter((citation) => sourceOf(citation, sources)?.text === '').length
    const note = bare === 0 ? '' : `; ${bare} by URL alone, without a text to compare`
    return {
      outcome: 'scored',
      value: 1 - faults.length / citations.length,
      label: faults.length === 0 ? 'good_citations' : 'bad_citations',
      reason:
        (faults.length === 0
          ? `all ${citations.length} citations hold`
          : `${faults.length} of ${citations.length} citations do not hold: ${faults.slice(0, 5).join('; ')}`) +
        note,
    }
  },
})

function uncited(required: boolean): Verdict {
  const reason = 'the answer cites nothing'
  return required
    ? { outcome: 'scored', value: 0, label: 'uncited', reason }
    : { outcome: 'skipped', reason }
}

function sourceOf(citation: Citation, sources: readonly Source[]): Source | undefined {
  return sources.find(({ ids }) => ids.includes(citation.target))
}

/** Support of a sentence by a source; each source is cut up once however often it is cited. */
function supportFinder(): (sentence: string, source: Source) => Support {
  const prepared = new Map<Source, Passages>()
  return (sentence, source) => {
    const passages = prepared.get(source) ?? passagesOf(source.text)
    prepared.set(source, passages)
    return supportOf(sentence, passages)
  }
}

interface Check {
  readonly sources: readonly Source[]
  readonly share: number
  readonly supportBy: ReturnType<typeof supportFinder>
}

function faultOf(citation: Citation, { sources, share, supportBy }: Check): string | null {
  const source = sourceOf(citation, sources)
  if (source === undefined) return `there is no such source among ${sources.length}`
  if (source.text === '' || share === 0) return null
  const support = supportBy(citation.sentence, source)
  if (support.fault !== null) return support.fault
  if (support.share >= share) return null
  return `its source holds ${Math.round(support.share * 100)} % of the words of ${JSON.stringify(citation.sentence.slice(0, 120))}`
}
