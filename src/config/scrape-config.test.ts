import { expect, test } from 'vitest'
import { parseConfig } from './load.ts'

const job = (settings: string) => `scrape: { jobs: [{ name: a, ${settings} }] }`
const withTarget = (settings: string) => job(`static: [{ targets: ["h:1"] }], ${settings}`)

test.each([
  [job('path: /m'), /job has no targets.*set static, files or http/s],
  [
    `scrape: { jobs: [{ name: a, files: [a.yaml] }, { name: a, files: [b.yaml] }] }`,
    /job "a" is there twice/,
  ],
  [job('static: [{ targets: ["http://u:p@h/metrics"] }]'), /holds credentials/],
  [job('static: [{ targets: ["h:1/metrics"] }]'), /expected host:port or an http\(s\) URL/],
  [job('files: [targets.txt]'), /ends with \.yaml, \.yml or \.json/],
  [job('files: ["*/targets.json"]'), /only the last part/],
  [withTarget('access: { bearerToken: t, bearerTokenFile: f }'), /the token is set twice/],
  [
    withTarget('access: { basicAuth: { username: u, password: p }, bearerToken: t }'),
    /basic and bearer are both set/,
  ],
  [withTarget('access: { basicAuth: { username: u } }'), /no password/],
  [withTarget('access: { tls: { certFile: c } }'), /needs its key/],
  ['fleet: { dcgmAccess: { tls: { keyFile: c } } }', /needs its key/],
  [withTarget('relabel: [{ sourceLabels: [a] }]'), /replace needs targetLabel/],
  [withTarget('metricRelabel: [{ action: drop }]'), /drop needs sourceLabels/],
  [
    withTarget('relabel: [{ action: hashmod, sourceLabels: [a], targetLabel: b }]'),
    /hashmod needs modulus/,
  ],
  [withTarget('relabel: [{ action: labeldrop, regex: "(" }]'), /is no regular expression/],
  [withTarget('relabel: [{ action: kep, sourceLabels: [a] }]'), /did you mean "keep"/],
])('%s', (text, reason) => {
  expect(() => parseConfig(text, 'e.yaml', {})).toThrow(reason)
})

test('secrets do not show in complaints', () => {
  const text = withTarget('access: { bearerToken: hush-hush, basicAuth: { password: hush } }')
  let message = ''
  try {
    parseConfig(text, 'e.yaml', {})
  } catch (error) {
    message = String(error)
  }
  expect(message).toMatch(/username/)
  expect(message).not.toContain('hush')
})

test('paths are those of the configuration file', () => {
  const { config } = parseConfig(
    `fleet: { metricsAccess: { bearerTokenFile: t } }
scrape: { jobs: [{ name: a, files: ["t/*.yaml"], http: [{ url: "http://h", access: { tls: { caFile: ca } } }], access: { basicAuth: { username: u, passwordFile: /p }, tls: { certFile: c, keyFile: k } } }] }`,
    '/etc/equipoise/e.yaml',
    {},
  )
  expect(config.fleet.metricsAccess?.bearerTokenFile).toBe('/etc/equipoise/t')
  expect(config.scrape.jobs[0]).toMatchObject({
    files: ['/etc/equipoise/t/*.yaml'],
    http: [{ access: { tls: { caFile: '/etc/equipoise/ca' } } }],
    access: {
      basicAuth: { passwordFile: '/p' },
      tls: { certFile: '/etc/equipoise/c', keyFile: '/etc/equipoise/k' },
    },
  })
})
