import { notifiers } from '../alerts/registry.ts'
import { loadConfig, type LoadedConfig } from '../config/load.ts'
import { evaluators } from '../quality/registry.ts'
import { checkEvaluators, evaluatorWarnings } from '../quality/validate.ts'
import { UserError } from '../records/failure.ts'

const adapters = {
  evaluators: new Map(evaluators.map((evaluator) => [evaluator.kind, evaluator])),
  notifiers,
}

/** Loads a configuration with everything checked that can be; warnings go to standard error. */
export function loadCheckedConfig(file: string): LoadedConfig {
  const loaded = loadConfig(file, process.env, adapters)
  const problems = checkEvaluators(loaded.config)
  if (problems.length > 0) {
    throw new UserError(problems.map((problem) => `${file}: ${problem}`).join('\n'))
  }
  for (const warning of evaluatorWarnings(loaded.config)) {
    process.stderr.write(`warning: ${file}: ${warning}\n`)
  }
  return loaded
}
