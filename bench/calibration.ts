// Do calibrated quality figures keep their promise? Coverage and width of the intervals by simulation and on real
// answers with human labels, beside the labels alone and beside what a judge alone would claim.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { calibrate, type Evidence } from '../src/analysis/calibration.ts'
import type { JudgedAnswers, LabelledAnswer } from '../src/analysis/verdict-strata.ts'
import { dealLabels, type VerdictStratum } from '../src/stats/judged-pass-rate.ts'
import { jeffreys, wilson, type Bounds } from '../src/stats/interval.ts'
import { createRandom, type Random } from '../src/stats/random.ts'
import type { Benchmark } from './benchmark.ts'

export const calibration: Benchmark = {
  name: 'calibration',
  summary: 'coverage of calibrated quality: simulated judges, and real answers with human labels',
  options: {
    repetitions: 'simulated studies at each pass rate (default 2000); a quarter of it on the data',
    labels: 'human labels of a simulated study (default 50)',
    'data-labels': 'human labels of a study on the data (default 200)',
    sensitivity: 'share of good answers that the judge passes (default 0.9)',
    specificity: 'share of bad answers that the judge fails (default 0.8)',
    seed: 'another seed gives another draw of everything (default 1)',
    data: 'JSONL with an answer and a human label a line (default: the HaluEval answers, if there)',
  },
  run,
}

const defaults = {
  repetitions: '2000',
  labels: '50',
  'data-labels': '200',
  sensitivity: '0.9',
  specificity: '0.8',
  seed: '1',
  data: '',
}

async function run(options: Readonly<Record<string, string>>) {
  const settings = { ...defaults, ...options }
  const judge = {
    sensitivity: Number(settings.sensitivity),
    specificity: Number(settings.specificity),
  }
  const repetitions = Number(settings.repetitions)
  const labels = Number(settings.labels)
  console.log(header)
  const simulate = (rate: number) => {
    const random = createRandom(`${settings.seed}/${rate}`)
    // A new fleet each time: its answers are a draw from a model that is good at `rate`.
    const study = () => {
      const truth = Array.from({ length: 2_000 }, () => random.chance(rate))
      return { truth, target: rate }
    }
    const found = studies({ repetitions, labels, judge, random, study })
    print(`pass rate ${rate}`, labels, found)
    return found
  }
  const simulated = rates.map((rate) => ({ rate, found: simulate(rate) }))
  const data = await humanLabels(settings.data)
  const onData = data === null ? null : studyData(data, { ...settings, judge })
  return figures(simulated, onData)
}

const rates = [0.85, 0.95, 0.98]

function figures(simulated: readonly { rate: number; found: Found }[], onData: Found | null) {
  const keyed = (name: string, of: (found: Found) => number) =>
    Object.fromEntries(
      simulated.map(({ rate, found }) => [`${name}_${Math.round(100 * rate)}`, rounded(of(found))]),
    )
  const widths = onData ?? simulated[0]?.found
  return {
    ...keyed('coverage', (found) => found.calibrated.coverage),
    coverage_data: onData === null ? 'no data' : rounded(onData.calibrated.coverage),
    width_vs_labels_only:
      widths === undefined ? 'no study' : rounded(widths.calibrated.width / widths.labels.width),
    ...keyed('judge_only_coverage', (found) => found.judge.coverage),
  }
}

function studyData(
  data: readonly boolean[],
  settings: typeof defaults & { readonly judge: NoisyJudge },
): Found {
  const target = data.filter(Boolean).length / data.length
  const labels = Number(settings['data-labels'])
  const found = studies({
    repetitions: Math.ceil(Number(settings.repetitions) / 4),
    labels,
    judge: settings.judge,
    random: createRandom(`${settings.seed}/data`),
    study: () => ({ truth: data, target }),
  })
  print(`${data.length} real answers, ${(100 * target).toFixed(1)} % good`, labels, found)
  return found
}

interface NoisyJudge {
  readonly sensitivity: number
  readonly specificity: number
}

interface Studies {
  readonly repetitions: number
  readonly labels: number
  readonly judge: NoisyJudge
  readonly random: Random
  /** Answers of one study, true = good, and the share that the intervals should hold. */
  readonly study: () => { readonly truth: readonly boolean[]; readonly target: number }
}

interface Tally {
  readonly coverage: number
  readonly width: number
}

interface Found {
  readonly calibrated: Tally
  readonly labels: Tally
  readonly judge: Tally
}

function studies(options: Studies): Found {
  const intervals = Array.from({ length: options.repetitions }, () => oneStudy(options))
  const tally = (of: (interval: (typeof intervals)[number]) => Bounds): Tally => {
    const inside = intervals.filter((found) => {
      const { lower, upper } = of(found)
      return lower <= found.target && found.target <= upper
    })
    const widths = intervals.map((found) => of(found).upper - of(found).lower)
    return {
      coverage: inside.length / intervals.length,
      width: widths.reduce((sum, width) => sum + width, 0) / widths.length,
    }
  }
  return {
    calibrated: tally(({ calibrated }) => calibrated),
    labels: tally(({ labelled }) => labelled),
    judge: tally(({ judged }) => judged),
  }
}

/** The judge judges everything; people label what the plan asks for; the three ways to report it. */
function oneStudy({ labels, judge, random, study }: Studies) {
  const { truth, target } = study()
  const verdicts = truth.map((good) =>
    random.chance(good ? judge.sensitivity : 1 - judge.specificity),
  )
  const groups = [true, false].map((verdict) =>
    truth.filter((_, index) => verdicts[index] === verdict),
  )
  const strata: VerdictStratum[] = groups.map(({ length }) => ({
    judged: length,
    labels: 0,
    good: 0,
  }))
  const more = dealLabels(strata, labels)
  const labelled = groups.flatMap((group, index) =>
    labelsOf(sample(group, more[index] ?? 0, random), group.length, index === 0),
  )
  const alone = sample(truth, labels, random).filter(Boolean).length
  const passed = verdicts.filter(Boolean).length
  return {
    target,
    calibrated: calibratedBounds({
      judged: {
        passed: sumsOf(1, groups[0]?.length ?? 0),
        failed: sumsOf(0, groups[1]?.length ?? 0),
      },
      labels: labelled,
      judge: null,
    }),
    labelled: jeffreys(alone, labels),
    judged: wilson(passed, truth.length),
  }
}

/** As the program calibrates; where it would show the judge's mean alone, so does the study. */
function calibratedBounds(evidence: Evidence): Bounds {
  const found = calibrate(evidence)
  if (found.kind === 'calibrated') return found
  const { passed, failed } = evidence.judged
  return wilson(passed.scored, passed.scored + failed.scored)
}

/** Verdicts of people on some of the answers that the judge passed or failed. */
function labelsOf(drawn: readonly boolean[], of: number, passed: boolean): LabelledAnswer[] {
  return drawn.map((good) => ({
    score: Number(passed),
    truth: Number(good),
    passed,
    isVerdict: true,
    samplingProbability: 1,
    drawProbability: drawn.length / of,
  }))
}

/** Sums over answers that all have one score, each of which was judged. */
function sumsOf(score: number, answers: number): JudgedAnswers['passed'] {
  return {
    scored: answers,
    weight: answers,
    weightSquared: answers,
    weightedValue: score * answers,
    weightedValueSquared: score * answers,
    weightSquaredValue: score * answers,
    weightSquaredValueSquared: score * answers,
  }
}

/** Draws without replacement. */
function sample(items: readonly boolean[], count: number, random: Random): boolean[] {
  const pool = [...items]
  const drawn: boolean[] = []
  while (drawn.length < count && pool.length > 0) {
    const index = random.below(pool.length)
    const last = pool.pop()
    const picked = index === pool.length ? last : pool[index]
    if (index < pool.length && last !== undefined) pool[index] = last
    if (picked !== undefined) drawn.push(picked)
  }
  return drawn
}

const header = `${''.padEnd(36)}${'labels'.padStart(7)}${'calibrated'.padStart(18)}${'labels only'.padStart(18)}${'judge only'.padStart(18)}   (coverage / mean width, nominal 0.95)`

function print(title: string, labels: number, found: Found): void {
  const cells = [found.calibrated, found.labels, found.judge].map(cell).join('')
  console.log(`${title.padEnd(36)}${String(labels).padStart(7)}${cells}`)
}

function cell({ coverage, width }: Tally): string {
  return `${coverage.toFixed(3)} / ${width.toFixed(3)}`.padStart(18)
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000
}

/** Human labels of a file, true = good; `null` where the default file is absent. */
async function humanLabels(file: string): Promise<boolean[] | null> {
  const folder = process.env['EQUIPOISE_DATA'] ?? '../shared/data'
  const path = resolve(file === '' ? join(folder, 'halueval-general-4000.jsonl') : file)
  if (file === '' && !existsSync(path)) {
    console.log(`No ${path}: without real answers (set EQUIPOISE_DATA or --data).`)
    return null
  }
  const lines = (await readFile(path, 'utf8')).split('\n')
  return lines.flatMap((line, index) =>
    line.trim() === '' ? [] : [isGood(JSON.parse(line), `${path}, line ${index + 1}`)],
  )
}

/** A label called "hallucination" says what is wrong, any other one what is right. */
function isGood(row: unknown, place: string): boolean {
  const fields = new Map(Object.entries(Object(row)))
  const hallucinated = fields.get('hallucination')
  const label =
    hallucinated ?? fields.get('label') ?? fields.get('human_label') ?? fields.get('good')
  const word = String(label).toLowerCase()
  const isYes = ['yes', 'true', '1', 'good', 'pass'].includes(word)
  if (!isYes && !['no', 'false', '0', 'bad', 'fail'].includes(word)) {
    throw new Error(
      `${place}: no human label; expected "hallucination", "label", "human_label" or "good" with yes or no, found ${JSON.stringify(label)}`,
    )
  }
  return hallucinated === undefined ? isYes : !isYes
}
