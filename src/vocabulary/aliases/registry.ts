import type { SourceSystem } from './alias.ts'
import { amdGpu } from './amd-gpu.ts'
import { dcgm } from './dcgm.ts'
import { llamaCpp } from './llama-cpp.ts'
import { nvidiaSmi } from './nvidia-smi.ts'
import { otelGenAi, otelHardware } from './otel.ts'
import { sglang } from './sglang.ts'
import { tgi } from './tgi.ts'
import { tensorrtLlm } from './tensorrt-llm.ts'
import { triton, tritonGpu } from './triton.ts'
import { vllm } from './vllm.ts'

/** Every system whose names are known. The first of a target kind is assumed where names tell nothing. */
export const sourceSystems: readonly SourceSystem[] = [
  vllm,
  dcgm,
  sglang,
  tgi,
  llamaCpp,
  tensorrtLlm,
  triton,
  nvidiaSmi,
  amdGpu,
  tritonGpu,
  otelGenAi,
  otelHardware,
]

/**
 * The system whose names a target exports most; without a known name the first system of that kind,
 * so that what it should export is recorded as absent.
 */
export function detectSystem(
  names: Iterable<string>,
  target: SourceSystem['target'],
): SourceSystem {
  const candidates = sourceSystems.filter((system) => system.target === target)
  const counts = new Map(candidates.map((system) => [system, 0]))
  for (const name of names) {
    const system = candidates.find((candidate) => candidate.namePattern.test(name))
    if (system !== undefined) counts.set(system, (counts.get(system) ?? 0) + 1)
  }
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [
    candidates[0] ?? dcgm,
    0,
  ] satisfies [SourceSystem, number])[0]
}
