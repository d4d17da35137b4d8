#!/usr/bin/env -S UV_THREADPOOL_SIZE=16 node
// A query of the embedded engine holds a thread of the pool that the spool's fsyncs need as well; the pool's size
// can only be set before Node starts, hence in the line above.
import { messageOf, RetryableError, UserError } from '../records/failure.ts'
import { program } from './program.ts'

try {
  await program().parseAsync()
} catch (error) {
  // A mistake, or a server that is away, is told in words; our own fault keeps its stack for the report.
  const isExpected = error instanceof UserError || error instanceof RetryableError
  if (isExpected) process.stderr.write(`${error.message}\n`)
  else process.stderr.write(`${error instanceof Error ? error.stack : messageOf(error)}\n`)
  process.exitCode = error instanceof UserError ? 2 : 1
}
