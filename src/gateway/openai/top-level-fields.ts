// Finds the top-level fields of a JSON object without parsing it: bodies are forwarded as the bytes they came as,
// and a body of many megabytes (images) must not stop the event loop for a parse.

/** Half-open byte range of a value. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d

/**
 * Byte ranges of the values of a JSON object, by key; of duplicate keys the last one, as parsers do.
 * `null` when the bytes are not one object. Values inside are not checked beyond their nesting.
 */
export function topLevelFields(body: Buffer): ReadonlyMap<string, ByteRange> | null {
  const fields = new Map<string, ByteRange>()
  let at = skipSpace(body, 0)
  if (body[at] !== openBrace) return null
  at = skipSpace(body, at + 1)
  if (body[at] === closeBrace) return skipSpace(body, at + 1) === body.length ? fields : null
  for (;;) {
    const key = readKey(body, at)
    if (key === null) return null
    const start = skipSpace(body, key.end)
    const end = endOfValue(body, start)
    if (end === null) return null
    fields.set(key.name, { start, end })
    at = skipSpace(body, end)
    if (body[at] === closeBrace) break
    if (body[at] !== comma) return null
    at = skipSpace(body, at + 1)
  }
  return skipSpace(body, at + 1) === body.length ? fields : null
}

/** Reads `"key" :`; `end` is just after the colon. */
function readKey(body: Buffer, at: number): { name: string; end: number } | null {
  if (body[at] !== quote) return null
  const end = endOfString(body, at)
  if (end === null) return null
  const after = skipSpace(body, end)
  if (body[after] !== colon) return null
  const raw = body.toString('utf8', at, end)
  const name = raw.includes('\\') ? unescape(raw) : raw.slice(1, -1)
  return name === null ? null : { name, end: after + 1 }
}

function unescape(raw: string): string | null {
  try {
    return String(JSON.parse(raw))
  } catch {
    return null
  }
}

/** Just after the value that starts here; `null` when it never ends or is empty. */
function endOfValue(body: Buffer, start: number): number | null {
  const first = body[start]
  if (first === quote) return endOfString(body, start)
  if (first === openBrace || first === openBracket) return endOfNested(body, start)
  let at = start
  while (at < body.length && !isDelimiter(body[at])) at += 1
  return at === start ? null : at
}

function endOfNested(body: Buffer, start: number): number | null {
  let depth = 0
  let at = start
  while (at < body.length) {
    const byte = body[at]
    if (byte === quote) {
      const end = endOfString(body, at)
      if (end === null) return null
      at = end
      continue
    }
    if (byte === openBrace || byte === openBracket) depth += 1
    if (byte === closeBrace || byte === closeBracket) depth -= 1
    at += 1
    if (depth === 0) return at
  }
  return null
}

/** Jumps from quote to quote natively: long strings cost next to nothing. */
function endOfString(body: Buffer, start: number): number | null {
  let end = body.indexOf(quote, start + 1)
  while (end !== -1) {
    let slashes = 0
    while (body[end - 1 - slashes] === backslash && end - 1 - slashes > start) slashes += 1
    if (slashes % 2 === 0) return end + 1
    end = body.indexOf(quote, end + 1)
  }
  return null
}

function skipSpace(body: Buffer, from: number): number {
  let at = from
  while (isSpace(body[at])) at += 1
  return at
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function isDelimiter(byte: number | undefined): boolean {
  return byte === comma || byte === closeBrace || byte === closeBracket || isSpace(byte)
}
