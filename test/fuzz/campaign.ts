// Runs cases one after another and says what is not as promised.
import { judgeAnswer, type Ending, type Judged } from './answers.ts'
import { diceOfCase, isRare } from './dice.ts'
import { fuzzCase, type FuzzCase } from './fuzz-case.ts'
import type { Testbed } from './testbed.ts'

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
    const { ending, complaints, cpuMs } = await timed(bed, one, { seed, index })
    if (cpuMs > slowest.cpuMs) slowest = { index, cpuMs }
    const key = `${one.door} ${ending}`
    endings.set(key, (endings.get(key) ?? 0) + 1)
    for (const complaint of complaints) {
      findingCount += 1
      if (findings.length < mostFindings)
        findings.push({ index, door: `${one.door} ${one.form}`, complaint })
    }
  }
  return {
    seed,
    cases: to - from,
    endings: Object.fromEntries([...endings].toSorted()),
    records: bed.kept.count(),
    findings,
    findingCount,
    slowest,
  }
}

/** A case and the processor time it took; one that took long is run again, since a collection of garbage may fall into it. */
async function timed(
  bed: Testbed,
  one: FuzzCase,
  at: { readonly seed: number; readonly index: number },
): Promise<Judged & { readonly cpuMs: number }> {
  const first = await measured(bed, one, at)
  if (first.cpuMs <= mostCpuMs) return first
  const second = await measured(bed, one, at)
  const cpuMs = Math.min(first.cpuMs, second.cpuMs)
  if (cpuMs <= mostCpuMs) return first
  return {
    ...first,
    cpuMs,
    complaints: [...first.complaints, `took ${Math.round(cpuMs)} ms of processor time`],
  }
}

async function measured(
  bed: Testbed,
  one: FuzzCase,
  at: { readonly seed: number; readonly index: number },
): Promise<Judged & { readonly cpuMs: number }> {
  const before = process.cpuUsage()
  const judged = one.door === 'scrape' ? await scrape(bed, one, at) : await send(bed, one)
  const { user, system } = process.cpuUsage(before)
  const complaints = [...judged.complaints, ...bed.kept.complaints(), ...bed.logged()]
  return { ...judged, complaints, cpuMs: (user + system) / 1_000 }
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

async function scrape(
  bed: Testbed,
  one: FuzzCase,
  { seed, index }: { readonly seed: number; readonly index: number },
): Promise<Judged> {
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
