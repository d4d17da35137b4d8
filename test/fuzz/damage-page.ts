// Damage to a metrics page, line by line.
import { isRare, pick, type Dice } from './dice.ts'
import { nastyNumber, nastyText } from './nasty.ts'

type Damage = (lines: string[], at: number, dice: Dice) => void

const onLine =
  (change: (line: string, dice: Dice) => string): Damage =>
  (lines, at, dice) => {
    lines[at] = change(lines[at] ?? '', dice)
  }

const values = [
  'nan',
  '+Inf',
  '-inf',
  'infinity',
  '0x1p-2',
  '1_000',
  '1e999',
  '-0',
  '.',
  'e5',
  '--1',
  '1 2 3',
  '١',
  '',
  '9'.repeat(5_000),
  '9223372036854775794',
  '1 -9223372036854775808',
  '1 1e300',
  '1 NaN',
  '1 # {a="b"} 2',
]

const damages: readonly Damage[] = [
  (lines, at) => void lines.splice(at, 1),
  (lines, at, dice) => {
    const times = isRare(dice, 80) ? 1 + dice(5_000) : 1 + dice(4)
    lines.splice(at, 0, ...Array.from({ length: times }, () => lines[at] ?? ''))
  },
  (lines, at, dice) => void lines.splice(dice(lines.length), 0, lines[at] ?? ''),
  onLine((line, dice) => line.replace(/\S+$/, pick(dice, values))),
  onLine((line, dice) => line.replace(/\S+$/, String(nastyNumber(dice)))),
  onLine((line, dice) => line.replace(/"[^"]*"/, JSON.stringify(nastyText(dice)))),
  onLine((line, dice) => line.replace(/"[^"]*"/, `"${nastyText(dice)}"`)),
  onLine((line, dice) => line.replace(/[a-zA-Z_]+=/, `${nastyText(dice).slice(0, 500)}=`)),
  onLine((line, dice) => line.replace(/^[^{\s]+/, nastyText(dice))),
  onLine((line, dice) => line.slice(0, dice(line.length))),
  onLine((line, dice) =>
    line.replace('{', pick(dice, ['{{', '', '{,', '{a="b"', '{a="b",a="c",'])),
  ),
  onLine((line, dice) => line.replace('}', pick(dice, ['', '}}', ',}', ',,}', '\\"}', '"}']))),
  onLine((line, dice) => `${line} ${pick(dice, ['1780315200000', '-1', '1e15', 'x', '0'])}`),
  onLine((line) => line.replaceAll(' ', '\t\t ')),
  onLine((line) => `${line}\r`),
  onLine((line, dice) =>
    line.replace('{', `{${manyLabels(1 + dice(isRare(dice, 60) ? 3_000 : 40))}`),
  ),
  onLine((line, dice) => line + ' '.repeat(isRare(dice, 60) ? 300_000 : 30)),
  onLine(() => `# TYPE ${'a'.repeat(40)} sideways`),
  onLine((line, dice) =>
    pick(dice, [
      '# EOF',
      '#',
      '# TYPE',
      '# HELP a \\',
      '\u0000',
      '<html>',
      `${line}\n# EOF\n${line}`,
    ]),
  ),
  (lines, at, dice) => {
    const line = lines[at] ?? ''
    const buckets = Array.from({ length: isRare(dice, 60) ? 5_000 : 90 }, (_, index) =>
      line.replace(
        '{',
        `{le="${pick(dice, [String(index), 'NaN', '+Inf', '1e3', ''])}",n="${index}",`,
      ),
    )
    lines.splice(at, 0, ...buckets)
  },
]

function manyLabels(count: number): string {
  return Array.from({ length: count }, (_, index) => `l${index}="v",`).join('')
}

/** The page with one to four of its lines damaged. */
export function damagedPage(text: string, dice: Dice): string {
  const lines = text.split('\n')
  for (let times = dice(4); times >= 0 && lines.length > 0; times -= 1) {
    pick(dice, damages)(lines, dice(lines.length), dice)
  }
  return lines.join('\n')
}
