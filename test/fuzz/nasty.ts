// Values that programs trip over, whatever they are put into.
import { pick, type Dice } from './dice.ts'

const texts: readonly string[] = [
  '',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '__name__',
  'le',
  'NaN',
  'Infinity',
  '-Infinity',
  '1e400',
  '0x10',
  ' 1',
  '-1',
  '18446744073709551616',
  '\u0000',
  '\ufeff',
  '\ud800',
  '\udc00x',
  '\u202e\u2066',
  '𝕏'.repeat(300),
  '{"a":[[[[[[[[1]]]]]]]]}',
  '[{"role":"user","content":{}}]',
  '[null,1,"x",{"parts":[null]}]',
  '[{"role":"user","parts":[{"type":"text","content":null}]}]',
  "'; DROP TABLE calls; --",
  'llm.input_messages.4294967295.message.content',
  'llm.input_messages.-1.message.content',
  'gen_ai.prompt.99999999999999999999.content',
  'gen_ai.prompt.0.__proto__',
  'a'.repeat(9_000),
  'jane@example.com '.repeat(400),
  '4111 1111 1111 1111 '.repeat(200),
  '-----BEGIN PRIVATE KEY-----',
  'eyJhbGciOi'.repeat(500),
  '('.repeat(4_000),
  '['.repeat(4_000),
  '\\'.repeat(4_001),
]

/** A text that is hard to handle; now and then a long one. */
export function nastyText(dice: Dice): string {
  if (dice(60) === 0) return 'x'.repeat(1 + dice(200_000))
  return pick(dice, texts)
}

const numbers: readonly number[] = [
  0,
  -0,
  -1,
  1.5,
  NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  2 ** 63,
  2 ** 64,
  -(2 ** 63),
  1e308,
  -1e308,
  9_223_372_036_854_775_808,
]

export function nastyNumber(dice: Dice): number {
  return pick(dice, numbers)
}

const integers: readonly bigint[] = [
  0n,
  1n,
  127n,
  128n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
]

export function nastyInteger(dice: Dice): bigint {
  return pick(dice, integers)
}

const sequences: readonly Buffer[] = [
  Buffer.of(0xff),
  Buffer.of(0xc0, 0x80),
  Buffer.of(0xed, 0xa0, 0x80),
  Buffer.of(0xf8, 0x88, 0x80, 0x80, 0x80),
  Buffer.of(0xe2, 0x82),
  Buffer.of(0xfe, 0xff, 0x00, 0x41),
]

/** Bytes that are no UTF-8. */
export function brokenUtf8(dice: Dice): Buffer {
  return Buffer.concat([Buffer.from('a'), pick(dice, sequences), Buffer.from('b')])
}
