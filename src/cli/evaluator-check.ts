import type { Config } from '../config/schema.ts'
import { UserError } from '../records/failure.ts'
import { checkEvaluators } from '../quality/validate.ts'

/** Throws a `UserError` that lists every evaluator setting that is wrong. */
export function checkEvaluatorsOrThrow(file: string, config: Config): void {
  const problems = checkEvaluators(config)
  if (problems.length > 0) {
    throw new UserError(problems.map((problem) => `${file}: ${problem}`).join('\n'))
  }
}
