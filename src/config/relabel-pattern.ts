/**
 * A relabel pattern as Prometheus means it: it matches whole values only, and `.` matches line ends too. Throws a
 * `SyntaxError` when the text is no pattern. Of RE2's own spellings `(?P<name>…)` and flags at the start are known.
 */
export function relabelPattern(text: string): RegExp {
  const [, flags = '', rest = text] = /^\(\?([is]+)\)(.*)$/s.exec(text) ?? []
  const body = rest.replaceAll('(?P<', () => '(?<')
  return new RegExp(`^(?:${body})$`, flags.includes('i') ? 'is' : 's')
}

/** Whether a text is a relabel pattern. */
export function isRelabelPattern(text: string): boolean {
  try {
    relabelPattern(text)
    return true
  } catch {
    return false
  }
}
