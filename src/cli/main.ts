#!/usr/bin/env node
import { messageOf, UserError } from '../records/failure.ts'
import { program } from './program.ts'

try {
  await program().parseAsync()
} catch (error) {
  // A user's mistake is told in words; our own fault keeps its stack for the report.
  if (error instanceof UserError) process.stderr.write(`${error.message}\n`)
  else process.stderr.write(`${error instanceof Error ? error.stack : messageOf(error)}\n`)
  process.exitCode = error instanceof UserError ? 2 : 1
}
