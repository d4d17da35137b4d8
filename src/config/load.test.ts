import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { UserError } from '../records/failure.ts'
import type { AdapterSchemas } from './adapter-checks.ts'
import { ConfigError, type ConfigProblem } from './config-problem.ts'
import { loadConfig, loadConfigObject, parseConfig } from './load.ts'

const directory = mkdtempSync(join(tmpdir(), 'equipoise-config-'))
afterAll(() => rmSync(directory, { recursive: true }))

function problemsOf(
  text: string,
  env: Readonly<Record<string, string>> = {},
  adapters: AdapterSchemas = {},
): readonly ConfigProblem[] {
  try {
    parseConfig(text, 'equipoise.yaml', env, adapters)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

/** `line:column path message; suggestion`, one problem a line. */
const brief = (...args: Parameters<typeof problemsOf>) =>
  problemsOf(...args).map(
    ({ line, column, path, message, suggestion }) =>
      `${line}:${column} ${path} ${message}; ${suggestion ?? '-'}`,
  )

const fleet = `
fleet:
  nodes:
    - { name: gpu-1, instanceType: ml.g6.12xlarge }
  components:
    - name: a
      copies:
        - { id: a-0, url: "http://127.0.0.1:1", node: gpu-1, gpus: [0] }
`

describe('a good file', () => {
  test('gets defaults, and its directory anchors dataDirectory', () => {
    const { config, file } = parseConfig(fleet, '/etc/equipoise/e.yaml', {})
    expect(file).toBe('/etc/equipoise/e.yaml')
    expect(config.dataDirectory).toBe('/etc/equipoise/equipoise-data')
    expect(config.server.port).toBe(4600)
    expect(config.fleet.components[0]?.queueTimeout).toBe(10_000)
  })

  test('an absolute dataDirectory stays', () => {
    expect(parseConfig('dataDirectory: /var/x', 'e.yaml', {}).config.dataDirectory).toBe('/var/x')
  })

  test.each(['', '# only a comment\n', '{}', '\uFEFFproject: p'])('%j is enough', (text) => {
    expect(parseConfig(text, 'e.yaml', {}).config.gateway.port).toBe(4601)
  })

  test('the source is the same configuration for another process', () => {
    const loaded = parseConfig(`${fleet}\nserver: { port: "\${PORT}" }`, '/x/e.yaml', { PORT: '7' })
    expect(loaded.source).toMatchObject({ server: { port: 7 }, dataDirectory: '/x/equipoise-data' })
    expect(loadConfigObject(loaded.source).config).toEqual(loaded.config)
  })

  test('an object made by the program obeys the same rules, and nothing in it is a variable', () => {
    const judge = { url: 'http://j', model: '${HOME}' }
    expect(loadConfigObject({ quality: { judge } }).config.quality.judge?.model).toBe('${HOME}')
    expect(() => loadConfigObject({ quality: { jugde: judge } })).toThrow(/did you mean "judge"/)
  })

  test('anchors and merge keys are resolved', () => {
    const text = `
fleet:
  nodes: [{ name: n, instanceType: ml.g6.12xlarge }]
  components:
    - &base
      name: a
      queue: 7
      copies: [{ id: a-0, url: "http://h", node: n, gpus: [0] }]
    - <<: *base
      name: b
      copies: [{ id: b-0, url: "http://h", node: n, gpus: [1] }]
`
    expect(parseConfig(text, 'e.yaml', {}).config.fleet.components[1]?.queue).toBe(7)
  })

  test('is read from disk', () => {
    const path = join(directory, 'good.yaml')
    writeFileSync(path, fleet)
    const { config } = loadConfig(path, {})
    expect(config.dataDirectory).toBe(join(directory, 'equipoise-data'))
  })
})

test('a file that is not there says so', () => {
  const path = join(directory, 'none.yaml')
  expect(() => loadConfig(path, {})).toThrow(UserError)
  expect(() => loadConfig(path, {})).toThrow(/none\.yaml.*ENOENT.*equipoise init/)
})

test('the printed form has place, path, message, suggestion, source line and caret', () => {
  const text = fleet.replace('      copies:', '      concurency: 64\n      copies:')
  expect(() => parseConfig(text, 'equipoise.yaml', {})).toThrow(
    [
      'equipoise.yaml:7:7  fleet.components[0].concurency  unknown key "concurency"; did you mean "concurrency"?',
      '  7 |       concurency: 64',
      '    |       ^^^^^^^^^^',
    ].join('\n'),
  )
})

test('all problems come at once, in the order of the file', () => {
  const text = `
server: { port: abc }
gateway: { capture: smapled }
fleet:
  scrapeEvery: 10
  nodes:
    - { name: gpu-1, instanceType: ml.g6.12xlarge }
  components:
    - name: a
      copies:
        - { id: a-0, url: nowhere, node: gpu-2, gpus: [0] }
quality:
  enabled: yes
`
  expect(brief(text)).toEqual([
    '2:17 server.port expected a number, found "abc"; -',
    '3:21 gateway.capture expected one of sampled, all, none, found "smapled"; did you mean "sampled"?',
    '5:16 fleet.scrapeEvery expected a duration with a unit (ms, s, m, h, d), for example 10s, found 10; did you mean "10s"?',
    '11:27 fleet.components[0].copies[0].url expected a URL, for example http://127.0.0.1:8000, found "nowhere"; -',
    '11:42 fleet.components[0].copies[0].node no node is called "gpu-2"; did you mean "gpu-1"?',
    '13:12 quality.enabled expected true or false, found "yes"; did you mean true?',
  ])
})

describe('what the schema refuses', () => {
  test.each([
    ['server: { prot: 3 }', '1:11 server.prot unknown key "prot"; did you mean "port"?'],
    [
      'gateway: { data_directory: x }',
      '1:12 gateway.data_directory unknown key "data_directory"; valid here: enabled, host, port, keys, maxBody, orphanGrace, drainGrace, capture, captureSize, redaction, sampling',
    ],
    [
      'quality: { concurrency: 3 }',
      '1:12 quality.concurrency unknown key "concurrency"; it belongs at fleet.components[].concurrency or quality.judge.concurrency or quality.judges[].concurrency; valid here: enabled, judge, judges, encoder, evaluators, golden, probes, pollEvery, composite, goodAnswer',
    ],
    [
      'quality: { judge: { url: "http://j" } }',
      '1:12 quality.judge.model missing required key "model"; add "model: ..." (Pinned model name of the judge.)',
    ],
    ['store: { readers: 17 }', '1:19 store.readers must be at most 16; -'],
    ['store: { readers: 1.5 }', '1:19 store.readers expected a whole number, found 1.5; -'],
    [
      'server: { port: "1" }',
      '1:17 server.port expected a number, found "1"; leave the quotes out',
    ],
    ['project: 12', '1:10 project expected text, found 12; put it in quotes'],
    ['project:', '1:1 project expected text, found nothing; -'],
    ['server: 3', '1:9 server expected a mapping of keys to values, found 3; -'],
    ['server: [3]', '1:1 server expected a mapping of keys to values, found a list; -'],
    ['- 3', '1:1  expected a mapping of keys to values, found a list; -'],
    ['gateway: { sampling: 120% }', '1:22 gateway.sampling a share lies between 0% and 100%; -'],
    [
      'spool: { maxSize: true }',
      '1:19 spool.maxSize expected a size with a unit, for example 80GiB, found true; -',
    ],
    [
      'alerts: { rules: [{ kind: two-axis, name: r, below: 80% }] }',
      '1:27 alerts.rules[0].kind expected "two_axis", found "two-axis"; did you mean "two_axis"?',
    ],
  ])('%s', (text, problem) => {
    expect(brief(text)).toEqual([problem])
  })

  test('one typing error is one problem, not also a missing key', () => {
    expect(brief('fleet: { nodes: [{ nmae: n, instanceType: ml.g6.xlarge }] }')).toEqual([
      '1:20 fleet.nodes[0].nmae unknown key "nmae"; did you mean "name"?',
    ])
  })
})

describe('variables', () => {
  test('fill texts, numbers and booleans', () => {
    const text = 'project: ${P}-x\nserver: { port: "${PORT}" }\nquality: { enabled: "${Q:-false}" }'
    const { config, variables } = parseConfig(text, 'e.yaml', { P: 'p', PORT: '80' })
    expect([config.project, config.server.port, config.quality.enabled]).toEqual(['p-x', 80, false])
    expect(variables).toEqual(['P', 'PORT', 'Q'])
  })

  test('a secret made of digits stays text', () => {
    const text = 'store:\n  password: ${P}'
    expect(parseConfig(text, 'e.yaml', { P: '0123' }).config.store.password).toBe('0123')
  })

  test('free settings take the type that YAML would have read', () => {
    const text = `
quality:
  evaluators:
    - kind: x
      config:
        plain: \${N}
        quoted: "\${N}"
`
    const { config } = parseConfig(text, 'e.yaml', { N: '0.5' })
    expect(config.quality.evaluators[0]?.config).toEqual({ plain: 0.5, quoted: '0.5' })
  })

  test('an unset one is a problem where it is written, and nothing follows from it', () => {
    const text = 'server:\n  port: ${PORTT}\nquality:\n  judge: { url: "http://${J}/", model: m }'
    expect(brief(text, { PORT: '1' })).toEqual([
      '2:9 server.port environment variable PORTT is not set; did you mean PORT?',
      '4:25 quality.judge.url environment variable J is not set; set it, or give a default: ${J:-value}',
    ])
  })

  test('what is no variable is said to be none', () => {
    expect(brief('project: "${a b}"')).toEqual([
      '1:11 project this is no variable; write ${NAME} or ${NAME:-default}, and $${ for a literal ${',
    ])
  })

  test('the value of a variable is never shown', () => {
    const [problem] = problemsOf('server: { port: "${P}" }', { P: 'hunter2' })
    expect(problem?.message).toBe('expected a number, found the value of "${P}"')
  })
})

describe('YAML that is broken', () => {
  test.each([
    ['a: "x\nb: 3\n', '1:4  not valid YAML: Missing closing "quote; -'],
    ['server:\n\tport: 1\n', '2:1  a tab cannot indent; use spaces'],
    [
      'project: a: b',
      '1:10  a second ": " on one line; quote the text, or put the inner mapping on its own indented lines',
    ],
    ['project: a\nproject: b', '2:1  this key is there twice; keep one of them'],
    [
      'project: !x a',
      '1:10  tags are not used here; write the value without "!"; variables are ${NAME}',
    ],
    [
      'project: *x',
      '1:10  no anchor is called "x"; quote the text if it is meant to start with "*"',
    ],
    ['{a: 1} }', '1:8  not valid YAML: Unexpected flow-map-end here; -'],
    ['[a]: 1', '1:1  a key must be plain text; write "key: value"'],
    ['a: 1\n---\nb: 1', '2:1  a second YAML document starts here; keep one configuration a file'],
    [
      'server: [${A}]',
      '1:11  not valid YAML: Missing , or : between flow sequence items; put ${...} in quotes within [ ] and { }',
    ],
  ])('%j', (text, problem) => {
    expect(brief(text)).toContain(problem)
  })

  test('aliases that grow without bound are refused', () => {
    const grow = ['a: &a [x,x,x,x,x,x,x,x,x]']
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef'].map((pair) => pair.split(''))) {
      grow.push(`${to}: &${to} [${Array.from({ length: 9 }, () => `*${from}`).join(',')}]`)
    }
    expect(() => parseConfig(grow.join('\n'), 'e.yaml', {})).toThrow(UserError)
  })
})

const copy = (id: string, node: string, gpus: string) =>
  `{ id: ${id}, url: "http://h", node: ${node}, gpus: ${gpus} }`

const two = (first: string, second: string) => `fleet:
  nodes: [{ name: n, instanceType: ml.g6.12xlarge }]
  components:
    - { name: a, copies: [${first}] }
    - { name: b, copies: [${second}] }
`

const nodeWith = (uuid: string) =>
  `{ name: n, instanceType: ml.g6.xlarge, accelerators: { model: m, count: 1, memoryGiB: 1, uuids: [${uuid}] } }`

describe('what no single field can tell', () => {
  test('a GPU belongs to one copy', () => {
    expect(brief(two(copy('x', 'n', '[0, 1]'), copy('y', 'n', '[2, 1]')))).toEqual([
      '5:72 fleet.components[1].copies[0].gpus[1] GPU n/1 is already reserved by copy "x"; give each GPU to one copy',
    ])
  })

  test('a GPU must be there', () => {
    expect(brief(two(copy('x', 'n', '[0]'), copy('y', 'n', '[4]')))).toEqual([
      '5:69 fleet.components[1].copies[0].gpus[0] node "n" has no GPU 4; its GPUs are 0 to 3',
    ])
  })

  test('copies have names of their own', () => {
    expect(brief(two(copy('x', 'n', '[0]'), copy('x', 'n', '[1]')))).toEqual([
      '5:33 fleet.components[1].copies[0].id copy "x" is there twice; give each its own name',
    ])
  })

  test.each([
    ['name: b', 'name: a', 'components[1].name component "a"'],
    ['name: b', 'name: b, model: a', 'components[1].model model "a"'],
  ])('%s -> %s', (from, to, said) => {
    const text = two(copy('x', 'n', '[0]'), copy('y', 'n', '[1]')).replace(from, to)
    expect(brief(text)).toHaveLength(1)
    expect(brief(text)[0]).toContain(`fleet.${said} is there twice`)
  })

  test.each([
    ['{ name: n }', 'has no instanceType of the catalogue and no accelerators and no price'],
    ['{ name: n, instanceType: ml.g6.12xlrage }', 'did you mean "ml.g6.12xlarge"?'],
    [
      '{ name: n, instanceType: ml.g6e.16xlarge }',
      'knows no price for "ml.g6e.16xlarge"; set price',
    ],
    [
      '{ name: n, price: { perHour: 1 $/h, source: s, date: 2026-01-01 } }',
      'and no accelerators; set instanceType, or set accelerators of the node',
    ],
    [
      '{ name: n, instanceType: ml.g6.xlarge, accelerators: { model: m, count: 2, memoryGiB: 1, uuids: [GPU-1] } }',
      '1 UUIDs for 2 GPUs; list one a GPU in index order, or none',
    ],
  ])('node %s', (node, said) => {
    const problems = brief(`fleet: { nodes: [${node}] }`)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(said)
  })

  test.each([
    '{ name: n, instanceType: ml.g6.xlarge }',
    '{ name: n, instanceType: ml.g6e.16xlarge, price: { perHour: 1 $/h, source: s, date: 2026-01-01 } }',
    '{ name: n, accelerators: { model: m, count: 2, memoryGiB: 1 }, price: { perHour: 1 $/h, source: s, date: 2026-01-01 } }',
  ])('node %s is good', (node) => {
    expect(brief(`fleet: { nodes: [${node}] }`)).toEqual([])
  })

  test('nodes and GPU UUIDs are unique', () => {
    const problems = brief(`fleet: { nodes: [${nodeWith('GPU-1')}, ${nodeWith('GPU-1')}] }`)
    expect(problems.map((problem) => problem.replace(/^\S+ /, ''))).toEqual([
      'fleet.nodes[1].name node "n" is there twice; give each its own name',
      'fleet.nodes[1].accelerators.uuids[0] GPU "GPU-1" is there twice; give each its own name',
    ])
  })

  test('judges need a judge', () => {
    const text = 'quality: { evaluators: [{ kind: judge_safety }] }'
    expect(brief(text)).toEqual([
      '1:33 quality.evaluators[0].kind "judge_safety" needs a judge and quality.judge is not set; add quality.judge with url and model',
    ])
    const judge = 'judge: { url: "http://j", model: m }'
    expect(brief(text.replace('quality: {', `quality: { ${judge},`))).toEqual([])
  })

  test('models that rules and evaluators name are served', () => {
    const text = `${fleet}\nalerts: { rules: [{ kind: two_axis, name: r, below: 1%, models: [aa] }] }\nquality: { evaluators: [{ kind: x, models: [a, zz] }] }`
    expect(brief(text).map((problem) => problem.replace(/^\S+ /, ''))).toEqual([
      'alerts.rules[0].models[0] no component serves model "aa"; did you mean "a"?',
      'quality.evaluators[0].models[1] no component serves model "zz"; known: a',
    ])
  })

  test.each([
    ['server: { host: 0.0.0.0 }', 'server.tokens is empty'],
    ['server: { host: "::" }', 'server.tokens is empty'],
    ['server: { host: example.org }', 'server.tokens is empty'],
    ['server: { host: "127.0.0.1.example.org" }', 'server.tokens is empty'],
    ['gateway: { host: 10.0.0.1 }', 'gateway.keys is empty'],
    ['gateway: { port: 4600 }', 'server and gateway both listen on port 4600'],
    ['server: { otlpGrpc: { host: 0.0.0.0 } }', 'server.tokens is empty'],
    [
      'server: { otlpGrpc: { port: 4601 } }',
      'gateway and server.otlpGrpc both listen on port 4601',
    ],
  ])('%s is refused', (text, said) => {
    const problems = brief(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(said)
  })

  test.each([
    'server: { host: 127.0.0.2 }',
    'server: { host: localhost }',
    'server: { host: "::1" }',
    'server: { host: 0.0.0.0, tokens: [{ name: n, role: viewer, token: 0123456789abcdef }] }',
    'gateway: { host: 0.0.0.0, keys: [{ key: 0123456789abcdef, tenant: t }] }',
    'gateway: { host: 0.0.0.0, enabled: false }',
    'server: { port: 0 }\ngateway: { port: 0 }',
    'server: { port: 0, otlpGrpc: { port: 0 } }\ngateway: { port: 0 }',
    'server: { otlpGrpc: {} }',
  ])('%s is good', (text) => {
    expect(brief(text)).toEqual([])
  })
})

describe('adapters', () => {
  const adapters: AdapterSchemas = {
    evaluators: new Map([
      ['exact_match', { dimension: 'accuracy', config: z.strictObject({ part: z.enum(['all']) }) }],
      ['judge_safety', { dimension: 'safety', config: z.strictObject({}) }],
    ]),
    notifiers: new Map([['webhook', { config: z.strictObject({ url: z.url() }) }]]),
  }

  test('have their kind and settings checked where they are written', () => {
    const text = `
quality:
  evaluators:
    - { kind: exact_mach }
    - { kind: exact_match, config: { prat: all } }
alerts: { notifiers: [{ kind: webhook }] }
`
    expect(brief(text, {}, adapters)).toEqual([
      '4:15 quality.evaluators[0].kind unknown kind "exact_mach"; did you mean "exact_match"?',
      '5:38 quality.evaluators[1].config.prat unknown key "prat"; did you mean "part"?',
      '6:23 alerts.notifiers[0].config.url missing required key "url"; add "url: ..."',
    ])
  })

  test('a gate that was chosen must be fed', () => {
    const text = `
quality:
  evaluators: [{ kind: exact_match, config: { part: all } }]
  composite: { gate: safty }
`
    expect(brief(text, {}, adapters)).toEqual([
      '4:22 quality.composite.gate no evaluator feeds the gate "safty"; known: accuracy',
    ])
    expect(brief(text.replace('safty', 'accuracy'), {}, adapters)).toEqual([])
    expect(brief(text)).toEqual([])
  })
})

describe('secrets', () => {
  const secret = 'Zx9-topsecret-Zx9'
  const messageOf = (text: string) => {
    try {
      parseConfig(text, 'e.yaml', { SECRET: secret })
      return ''
    } catch (error) {
      return error instanceof UserError ? error.message : `not a UserError: ${String(error)}`
    }
  }

  test.each([
    `server: { tokens: [{ name: n, role: wrong, token: ${secret} }] }`,
    `server: { tokens: [${secret}] }`,
    `server: { tokens: ${secret} }`,
    `gateway: { keys: [{ key: ${secret}, tenant: 3 }] }`,
    `gateway: { token: ${secret} }`,
    `store: { pasword: ${secret} }`,
    `store: { xyz: ${secret} }`,
    `store: { password: [${secret}] }`,
    `store: { url: 3, password: ${secret} }`,
    `quality: { judge: { url: x, apikey: "${secret}", model: m } }`,
    `quality: { judge: { url: "http://u:${secret}@h", model: 3 } }`,
    `quality: { judge: { url: "u:${secret}@h", apiKey: "\${NONE}", model: m } }`.replace(
      `"u:${secret}@h"`,
      `"//u:${secret}@h"`,
    ),
    `store: { password: "\${NONE:-${secret}}", readers: 99 }`,
    `store: { readers: "\${SECRET}" }`,
    `alerts: { notifiers: [{ kind: 3, config: { url: "http://h/${secret}" } }] }`,
    `store: { readers: "token: ${secret}" }`,
    `server: { tokens: [{ token: ${secret}, ] }`,
    `server:\n  tokens:\n    - token: "${secret}\n      name: n`,
    `gateway:\n  keys:\n  - key: ${secret}: x`,
    `store:\n  password: |\n    ${secret}\n  readers: 99`,
  ])('%j tells nothing', (text) => {
    expect(messageOf(text)).toMatch(/^e\.yaml:\d+:\d+ {2}/)
    expect(messageOf(text)).not.toContain(secret)
  })

  test('stay out of messages whatever else is wrong', () => {
    const lines = [
      'server:',
      '  port: 1',
      '  tokens:',
      `    - { name: n, role: viewer, token: ${secret} }`,
      'gateway:',
      '  keys:',
      `    - key: "${secret}"`,
      '      tenant: t',
      'store:',
      `  password: '${secret}'`,
      '  readers: 3',
      'quality:',
      '  judge:',
      '    url: http://h',
      `    apiKey: ${secret}`,
      '    model: m',
    ]
    const noise = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom('{', '[', '"', "'", ': ', '- ', '${', '*a', '!x', '\t', '#', '\n', '|'),
    )
    // Noise after the end of a line or as a line of its own: it breaks everything but the names of the secrets.
    const edit = fc.record({ line: fc.nat(lines.length - 1), noise, append: fc.boolean() })
    const law = fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      const changed = [...lines]
      for (const { line, noise: text, append } of edits) {
        if (append) changed[line] = `${changed[line] ?? ''}${text}`
        else changed.splice(line, 0, text)
      }
      const message = messageOf(changed.join('\n'))
      expect(message).not.toContain(secret)
      expect(message).not.toContain('not a UserError')
    })
    fc.assert(law, { numRuns: 300 })
  })
})

test('any text is a configuration or a UserError', () => {
  const pieces = [
    'server fleet nodes name { } [ ] " ${A} ${ &a *a << 1 x ~'.split(' '),
    [': ', '\n', '  ', '- ', ', ', '# ', '| ', '? ', '!!str ', '\r\n'],
  ].flat()
  const piece = fc.constantFrom(...pieces)
  const law = fc.property(fc.array(piece, { maxLength: 30 }), (text) => {
    try {
      parseConfig(text.join(''), 'e.yaml', { A: 'a' })
    } catch (error) {
      expect(error).toBeInstanceOf(UserError)
    }
  })
  fc.assert(law, { numRuns: 1_000 })
})
