// Relabelling with Prometheus' semantics. Pure.
import { createHash } from 'node:crypto'
import { relabelPattern } from '../../config/relabel-pattern.ts'
import type { RelabelStep } from '../../config/schema.ts'

export type Labels = Readonly<Record<string, string>>

/** Labels after all steps; `null` = a step dropped them. */
export type Relabel = (labels: Labels) => Labels | null

/** Makes one function of relabel steps; the patterns are compiled once. */
export function relabelling(steps: readonly RelabelStep[]): Relabel {
  const compiled = steps.map((step): Compiled => ({ ...step, pattern: relabelPattern(step.regex) }))
  return (labels) => {
    const after = new Map(Object.entries(labels))
    for (const step of compiled) {
      if (!apply(step, after)) return null
    }
    // An empty value is the same as no label.
    return Object.fromEntries([...after].filter(([, value]) => value !== ''))
  }
}

interface Compiled extends RelabelStep {
  readonly pattern: RegExp
}

/** Changes the labels in place; `false` = they are dropped. */
function apply(step: Compiled, labels: Map<string, string>): boolean {
  const { action, pattern, sourceLabels, separator, targetLabel = '' } = step
  const value = sourceLabels.map((label) => labels.get(label) ?? '').join(separator)
  if (action === 'keep') return pattern.test(value)
  if (action === 'drop') return !pattern.test(value)
  if (action === 'keepequal') return value === (labels.get(targetLabel) ?? '')
  if (action === 'dropequal') return value !== (labels.get(targetLabel) ?? '')
  if (action === 'replace') replace(step, value, labels)
  else if (action === 'hashmod' || action === 'lowercase' || action === 'uppercase') {
    labels.set(targetLabel, converted(step, value))
  } else changeNames(step, labels)
  return true
}

function converted({ action, modulus = 1 }: Compiled, value: string): string {
  if (action === 'hashmod') return String(hashOf(value) % BigInt(modulus))
  return action === 'lowercase' ? value.toLowerCase() : value.toUpperCase()
}

function replace(
  { pattern, replacement, targetLabel = '' }: Compiled,
  value: string,
  labels: Map<string, string>,
): void {
  const match = pattern.exec(value)
  if (match === null) return
  const target = expand(targetLabel, match)
  if (!/^[a-zA-Z_]\w*$/.test(target)) return
  const result = expand(replacement, match)
  if (result === '') labels.delete(target)
  else labels.set(target, result)
}

function changeNames(step: Compiled, labels: Map<string, string>): void {
  const { action, pattern, replacement } = step
  // What is added on the way must not be looked at again.
  for (const [name, value] of Array.from(labels)) {
    const match = pattern.exec(name)
    if (action === 'labelmap' && match !== null) labels.set(expand(replacement, match), value)
    if (action === 'labeldrop' && match !== null) labels.delete(name)
    if (action === 'labelkeep' && match === null) labels.delete(name)
  }
}

const variable = /\$(?:\$|(\w+)|\{(\w+)\})/g

/** `$1`, `${1}`, `$name` and `${name}` as Go has them: a name takes all letters that follow, and an unknown one is empty. */
function expand(template: string, match: RegExpExecArray): string {
  return template.replaceAll(variable, (written: string, bare?: string, braced?: string) => {
    if (written === '$$') return '$'
    const name = bare ?? braced ?? ''
    return (/^\d+$/.test(name) ? match[Number(name)] : match.groups?.[name]) ?? ''
  })
}

/** The last 8 bytes of the MD5 sum, as Prometheus shares targets out. */
function hashOf(value: string): bigint {
  return createHash('md5').update(value).digest().readBigUInt64BE(8)
}
