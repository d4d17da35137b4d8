// Runs cases one after another and says what is not as promised.
import { judgeAnswer, type Ending, type Judged } from './answers.ts'
import { diceOfCase, isRare } from './dice.ts'
import { fuzzCase, type FuzzCase } from './fuzz-case.ts'
import { startTestbed, type Testbed } from './testbed.ts'

export interface Finding {
  readonly index: number
  readonly door: string
  readonly complaint: string
}

export interface Report {
  readonly seed: number
  readonly cases: number
  /** By door and ending. */
  readonly endings: Readonly<Record<string, number>>
  readonly records: number
  /** The first ones; `findingCount` counts all. */
  readonly findings: readonly Finding[]
  readonly findingCount: number
  readonly slowest: { readonly index: number; readonly cpuMs: number }
}

/** Processor time that no case may take, however busy the machine is. */
const mostCpuMs = 2_000

const mostFindings = 30

export interface CampaignOptions {
  readonly seed: number
  /** Numbers of the cases: from the first up to, not including, the last. */
  readonly from: number
  readonly to: number
  /** Called before each case. */
  readonly onCase: (index: number) => void
}

export async function runCampaign(
  bed: Testbed,
  { seed, from, to, onCase }: CampaignOptions,
): Promise<Report> {
  const endings = new Map<string, number>()
  const findings: Finding[] = []
  let findingCount = 0
  let slowest = { index: -1, cpuMs: 0 }
  for (let index = from; index < to; index += 1) {
    onCase(index)
    const one = fuzzCase(seed, index)
    const judged = await judge(bed, one, { seed, index })
    if (judged.cpuMs > slowest.cpuMs) slowest = { index, cpuMs: Math.round(judged.cpuMs) }
    const key = `${one.door} ${judged.ending}`
    endings.set(key, (endings.get(key) ?? 0) + 1)
    for (const complaint of judged.complaints) {
      findingCount += 1
      const door = `${one.door} ${one.form}`
      if (findings.length < mostFindings) findings.push({ index, door, complaint })
    }
  }
  return {
    seed,
    cases: to - from,
    endings: Object.fromEntries(endings),
    records: bed.kept.count(),
    findings,
    findingCount,
    slowest,
  }
}

interface CaseNumber {
  readonly seed: number
  readonly index: number
}

type Timed = Judged & { readonly cpuMs: number }

/**
 * Runs a case. One that took long by the clock, which a busy machine may be the cause of, is run again on a bench of
 * its own, and then only processor time counts; the lesser of two, since a collection of garbage may fall into one.
 */
async function judge(bed: Testbed, one: FuzzCase, at: CaseNumber): Promise<Timed> {
  const startedAt = performance.now()
  const judged = await run(bed, one, at)
  const clockMs = performance.now() - startedAt
  if (clockMs <= mostCpuMs) return { ...judged, cpuMs: clockMs }
  const cpuMs = Math.min(await alone(one, at), await alone(one, at))
  if (cpuMs <= mostCpuMs) return { ...judged, cpuMs }
  const complaint = `took ${Math.round(cpuMs)} ms of processor time`
  return { ...judged, cpuMs, complaints: [...judged.complaints, complaint] }
}

async function alone(one: FuzzCase, at: CaseNumber): Promise<number> {
  const bed = await startTestbed()
  const before = process.cpuUsage()
  await run(bed, one, at)
  const { user, system } = process.cpuUsage(before)
  await bed.close()
  return (user + system) / 1_000
}

async function run(bed: Testbed, one: FuzzCase, at: CaseNumber): Promise<Judged> {
  const judged = one.door === 'scrape' ? await scrape(bed, one, at) : await send(bed, one)
  return {
    ...judged,
    complaints: [...judged.complaints, ...bed.kept.complaints(), ...bed.logged()],
  }
}

const paths = {
  traces: '/v1/traces',
  metrics: '/v1/metrics',
  logs: '/v1/logs',
  write: '/api/v1/write',
  calls: '/api/v1/calls',
  scores: '/api/v1/scores',
}

async function send(bed: Testbed, one: FuzzCase): Promise<Judged> {
  if (one.door === 'scrape') throw new Error('a page is not sent')
  try {
    const answer = await bed.app.request(paths[one.door], {
      method: 'POST',
      headers: { ...one.headers },
      body: new Uint8Array(one.body),
    })
    return await judgeAnswer(one, answer)
  } catch (error) {
    return { ending: 'refused', complaints: [`threw ${String(error)}`] }
  }
}

async function scrape(bed: Testbed, one: FuzzCase, { seed, index }: CaseNumber): Promise<Judged> {
  const dice = diceOfCase(seed, -index - 2)
  const target = bed.targets[dice(2)] ?? bed.targets[0]
  const cutAt = isRare(dice, 25) ? dice(one.body.length) : null
  Object.assign(bed.page, { headers: one.headers, body: one.body, cutAt })
  try {
    await target.scrape(new AbortController().signal)
  } catch (error) {
    return { ending: 'refused', complaints: [`threw ${String(error)}`] }
  }
  return judgeScrape(one, target.status())
}

function judgeScrape(
  one: FuzzCase,
  { failure, remark }: { readonly failure: string | null; readonly remark: string },
): Judged {
  const text = failure ?? remark
  const complaints = [
    ...(text.length > mostRemark ? [`a remark of ${text.length} characters`] : []),
    ...(failure === '' ? ['failed without a reason'] : []),
    ...(failure?.startsWith('no answer within') === true ? ['hung'] : []),
    ...(one.soundness === 'broken' && failure === null
      ? ['a page without a reading was taken']
      : []),
  ]
  const ending: Ending = failure !== null ? 'refused' : remark === '' ? 'taken' : 'partial'
  return { ending, complaints }
}

const mostRemark = 2_000
