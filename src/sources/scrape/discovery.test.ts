import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { configSchema, type ScrapeJobConfig } from '../../config/schema.ts'
import { discoveredTargets } from './discovered-target.ts'
import { parseTargetGroups } from './target-groups.ts'

function jobOf(settings: object): ScrapeJobConfig {
  const jobs = [{ name: 'engines', static: [{ targets: ['h:1'] }], ...settings }]
  const [job] = configSchema.parse({ scrape: { jobs } }).scrape.jobs
  if (job === undefined) throw new Error('one job was given')
  return job
}

const found = (settings: object, targets: readonly string[], labels = {}) =>
  discoveredTargets(jobOf(settings), [{ targets, labels }])

const urls = (settings: object, ...targets: string[]) =>
  found(settings, targets).targets.map(({ url }) => url)

describe('addresses', () => {
  test.each([
    [{}, '10.0.0.5:8000', 'http://10.0.0.5:8000/metrics'],
    [{ scheme: 'https', path: '/m' }, 'h', 'https://h/m'],
    [{}, '[::1]:9400', 'http://[::1]:9400/metrics'],
    [{ path: '/m' }, 'https://h/prometheus/metrics?a=b', 'https://h/prometheus/metrics?a=b'],
    [{ params: { model: ['x', 'y'] } }, 'h:1', 'http://h:1/metrics?model=x&model=y'],
    [
      { relabel: [{ targetLabel: '__metrics_path__', replacement: '/prometheus/metrics' }] },
      'h:1',
      'http://h:1/prometheus/metrics',
    ],
  ])('%j %s', (settings, target, url) => {
    expect(urls(settings, target)).toEqual([url])
  })

  test('credentials never become a label', () => {
    const { targets, problems } = found({}, ['http://user:secret@h:1/metrics'])
    expect(targets).toEqual([])
    expect(problems).toHaveLength(1)
  })
})

test('job and instance name a target; labels that start with __ do not stay', () => {
  const { targets } = found({}, ['h:1'], { zone: 'a', __meta_pod: 'p' })
  expect(targets[0]?.labels).toEqual({ job: 'engines', instance: 'h:1', zone: 'a' })
})

test('the group, then relabelling, may say otherwise', () => {
  const relabel = [{ sourceLabels: ['__meta_pod'], targetLabel: 'instance' }]
  const { targets } = found({ relabel }, ['h:1'], { job: 'other', __meta_pod: 'pod-1' })
  expect(targets[0]?.labels).toEqual({ job: 'other', instance: 'pod-1' })
})

test('dropped targets are counted, equal ones are one, too many are none', () => {
  const relabel = [{ action: 'drop', sourceLabels: ['__address__'], regex: 'a:.*' }]
  expect(found({ relabel }, ['a:1', 'a:2', 'b:1', 'b:1'])).toMatchObject({
    targets: [{ url: 'http://b:1/metrics' }],
    dropped: 2,
  })
  const many = found({ limits: { targets: 1 } }, ['a:1', 'b:1'])
  expect(many.targets).toEqual([])
  expect(many.problems).toEqual(['2 targets, more than limits.targets allows: none is scraped'])
})

describe('lists', () => {
  test('YAML and JSON, labels of any plain kind', () => {
    const groups = [{ targets: ['h:1'], labels: { rack: '7', spare: 'true' } }]
    expect(
      parseTargetGroups('- targets: [h:1]\n  labels: { rack: 7, spare: true }\n', 'yaml'),
    ).toEqual(groups)
    expect(parseTargetGroups(JSON.stringify(groups), 'json')).toEqual(groups)
    expect(parseTargetGroups('', 'yaml')).toEqual([])
    expect(parseTargetGroups('[{"targets": ["h:1"], "labels": null}]', 'json')).toEqual([
      { targets: ['h:1'], labels: {} },
    ])
  })

  test.each([
    ['{"targets": []}', 'json', 'is no list of targets'],
    ['[{"targets": "h:1"}]', 'json', 'at 0.targets'],
    ['[{"targets": ["h:1"], "labels": {"a-b": "c"}}]', 'json', 'at 0.labels.a-b'],
    ['- targets: [h:1', 'yaml', 'is no YAML'],
    ['<html>', 'json', 'is no JSON'],
  ] as const)('%s', (text, format, reason) => {
    expect(() => parseTargetGroups(text, format)).toThrow(reason)
  })

  test('no text makes it throw anything but what a person can mend', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json()),
        fc.constantFrom('yaml' as const, 'json' as const),
        (text, format) => {
          try {
            const groups = parseTargetGroups(text, format)
            discoveredTargets(jobOf({}), groups)
          } catch (error) {
            expect(error).toMatchObject({ name: 'UserError' })
          }
        },
      ),
    )
  })
})
