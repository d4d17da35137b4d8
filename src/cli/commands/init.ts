import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { messageOf, UserError } from '../../records/failure.ts'

/** `equipoise init [FILE]`: a commented starter; never overwrites. */
export function initCommand(): Command {
  return new Command('init')
    .description('Write a commented starter configuration.')
    .argument('[file]', 'where to', 'equipoise.yaml')
    .action(async (file: string) => {
      const { starterConfig } = await import('../../config/starter.ts')
      try {
        writeFileSync(file, starterConfig(), { flag: 'wx' })
      } catch (error) {
        throw new UserError(
          `${file} was not written: ${messageOf(error)}. Choose another name: equipoise init FILE`,
        )
      }
      console.log(`Wrote ${file}. Next: edit it, then`)
      console.log(`  equipoise check -c ${file}`)
      console.log(`  equipoise up -c ${file}`)
    })
}
