import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UserError } from '../records/failure.ts'
import { compilePatterns } from './detector.ts'
import { redact } from './redact.ts'

const key = `-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----`
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P'

const secrets: readonly (readonly [kind: string, text: string])[] = [
  ['email', 'jane.doe+test@mail.example.co.uk'],
  ['email', 'a@b.io'],
  ['phone', '+49 171 1234567'],
  ['phone', '+1 (415) 555-0132'],
  ['phone', '(415) 555-0132'],
  ['phone', '415-555-0132'],
  ['card', '4111 1111 1111 1111'],
  ['card', '4111-1111-1111-1111'],
  ['card', '378282246310005'],
  ['card', '3782 822463 10005'],
  ['iban', 'DE89 3704 0044 0532 0130 00'],
  ['iban', 'GB82WEST12345698765432'],
  ['iban', 'NO9386011117947'],
  ['ip', '192.168.17.4'],
  ['ip', '2001:db8:85a3::8a2e:370:7334'],
  ['ssn', '536-90-4399'],
  ['aws_key', 'AKIAIOSFODNN7EXAMPLE'],
  ['api_key', 'sk-proj-abcdefghijklmnop1234'],
  ['api_key', 'ghp_abcdefghijklmnopqrstuvwxyz0123456789'],
  ['api_key', 'xoxb-123456789012-abcdefghijkl'],
  ['jwt', jwt],
  ['private_key', key],
]

describe('redact', () => {
  test.each(secrets)('%s: %s', (kind, secret) => {
    expect(redact(`before ${secret} after`)).toEqual({
      text: `before [redacted:${kind}] after`,
      found: { [kind]: 1 },
    })
  })

  test.each([
    ['password=hunter2!x', 'password=[redacted:secret]'],
    ['"api_key": "a8f5f167f44f4964e6c998dee827110c"', '"api_key": "[redacted:secret]"'],
    ['DB_PASSWORD: Tr0ub4dor&3', 'DB_PASSWORD: [redacted:secret]&3'],
    ['Authorization: Bearer abcdef0123456789ABCDEF', 'Authorization: Bearer [redacted:api_key]'],
    [
      'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      'aws_secret_access_key = [redacted:secret]',
    ],
    ['two: 415-555-0132 415-555-0133', 'two: [redacted:phone] [redacted:phone]'],
    ['card 4111 1111 1111 1111 123 exp', 'card [redacted:card] 123 exp'],
    [`cut ${key.slice(0, 50)}`, 'cut [redacted:private_key]'],
  ])('%s', (text, expected) => {
    expect(redact(text).text).toBe(expected)
  })

  test.each([
    'The answer is 42, not 3.14159.',
    'It took from 12:30:45 until 13:00, on 2024-01-15.',
    'std::vector<int> a::b; version 1.22.1',
    'Order 4111111111111112 fails the checksum.',
    'DE89 3704 0044 0532 0130 01 has wrong check digits.',
    'The next token: generation of text. A password: required.',
    'epoch 1732451234567 ms, id 550e8400-e29b-41d4-a716-446655440000',
    'mail me @ noon',
  ])('leaves alone: %s', (text) => {
    expect(redact(text)).toEqual({ text, found: {} })
  })

  test('counts by kind', () => {
    expect(redact('a@b.io, c@d.io and 10.1.2.3').found).toEqual({ email: 2, ip: 1 })
  })

  test('user patterns are applied and never look into markers', () => {
    const patterns = compilePatterns({ employee: 'E-\\d{6}', vowel: 'e' })
    expect(redact('E-123456 a@b.io', patterns).text).toBe('[redacted:employee] [redacted:email]')
  })

  test.each([
    [{ bad: '(' }, 'is not a regular expression'],
    [{ slow: '(a+)+$' }, 'exponential'],
    [{ 'no spaces allowed': 'a' }, 'not usable'],
  ])('refuses the pattern %j', (patterns, message) => {
    expect(() => compilePatterns(patterns)).toThrow(UserError)
    expect(() => compilePatterns(patterns)).toThrow(message)
  })
})

const shard = fc.oneof(
  fc.constantFrom(...secrets.map(([, secret]) => secret)),
  fc.constantFrom(
    '@',
    '.',
    ':',
    '-',
    ' ',
    '1',
    '12',
    '4111',
    '+',
    '(',
    ')',
    '=',
    'password=',
    'token: "',
    'sk-',
    'eyJ',
    'DE89',
    '-----BEGIN PRIVATE KEY-----',
    '[redacted:',
    ']',
  ),
  fc.string({ maxLength: 8, unit: 'binary' }),
)

describe('redact on any text', () => {
  test('is idempotent and never throws', () => {
    fc.assert(
      fc.property(fc.array(shard, { maxLength: 30 }), (shards) => {
        const once = redact(shards.join('')).text
        expect(redact(once)).toEqual({ text: once, found: {} })
      }),
      { numRuns: 500 },
    )
  })

  test('no planted secret survives between words', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...secrets), { minLength: 1, maxLength: 12 }),
        (planted) => {
          const { text, found } = redact(
            planted.map(([, secret]) => `word, ${secret}, word`).join('\n'),
          )
          for (const [, secret] of planted) expect(text).not.toContain(secret)
          expect(Object.values(found).reduce((sum, n) => sum + n, 0)).toBe(planted.length)
        },
      ),
    )
  })

  // Quadratic work would take the better part of a minute on each of these; the bound leaves room for slow machines.
  test('takes linear time on hostile text', () => {
    const hostile = [
      '1',
      '1 ',
      'a@',
      'a.',
      '1.1.',
      'eyJ',
      'eyJaaaaaaaaa.',
      'sk-',
      'password=',
      'token:',
      '+1',
      '(1)',
      'AB12 ',
      ':',
      'a:',
      '-----BEGIN PRIVATE KEY-----',
      'Bearer ',
      '[redacted:',
      'x-',
    ]
    const slow = hostile.filter((piece) => {
      const text = piece.repeat(Math.ceil(200_000 / piece.length))
      const from = process.cpuUsage().user
      redact(text)
      return process.cpuUsage().user - from > 3_000_000
    })
    expect(slow).toEqual([])
  })
})
