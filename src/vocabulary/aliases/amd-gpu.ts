import type { Alias, SourceSystem } from './alias.ts'
import { isNotFinite } from './alias.ts'

const percent = 0.01
/** The documentation says MB, and means what an MI300X of 192 GiB says: 196,592. */
const mebibyte = 2 ** 20
const microjoule = 1e-6
const megahertz = 1e6

/** One field under the three spellings that are met: as today, with a prefix, and as its documentation has it. */
const field = (metric: string, name: string, parts: Partial<Alias> = {}): Alias => ({
  metric,
  name,
  formerNames: [`amd_${name}`, name.toUpperCase()],
  quality: 'exact',
  ...parts,
})

const aliases: readonly Alias[] = [
  field('gpu.duty', 'gpu_gfx_activity', { factor: percent, expected: true }),
  field('gpu.mem_controller', 'gpu_umc_activity', { factor: percent }),
  // What the memory engine is busy with is not only the traffic of kernels.
  field('gpu.dram_active', 'gpu_umc_activity', { factor: percent, quality: 'approximate' }),
  field('gpu.mem_used', 'gpu_used_vram', { factor: mebibyte, expected: true }),
  field('gpu.mem_free', 'gpu_free_vram', { factor: mebibyte }),
  field('gpu.mem_total', 'gpu_total_vram', { factor: mebibyte, expected: true }),
  // MI3xx tell the power of the instant and MI2xx an average.
  field('gpu.power', 'gpu_package_power', { expected: true }),
  field('gpu.power', 'gpu_average_package_power'),
  field('gpu.power', 'gpu_power_usage'),
  field('gpu.energy', 'gpu_energy_consumed', { factor: microjoule }),
  field('gpu.temperature', 'gpu_junction_temperature', { expected: true }),
  field('gpu.temperature', 'gpu_edge_temperature', { quality: 'approximate' }),
  field('gpu.mem_temperature', 'gpu_memory_temperature'),
  field('gpu.sm_clock', 'gpu_clock', {
    factor: megahertz,
    quality: 'approximate',
    where: { clock_type: /^(?:GPU_CLOCK_TYPE_)?SYSTEM$/i },
  }),
  field('gpu.mem_clock', 'gpu_clock', {
    factor: megahertz,
    where: { clock_type: /^(?:GPU_CLOCK_TYPE_)?MEMORY$/i },
  }),
  field('gpu.ecc_errors', 'gpu_ecc_correct_total', { dimensions: { class: 'correctable' } }),
  field('gpu.ecc_errors', 'gpu_ecc_uncorrect_total', { dimensions: { class: 'uncorrectable' } }),
  field('gpu.pcie_replays', 'pcie_replay_count'),
]

/** Names as general as `gpu_clock` are others' too, so only those of this list give the exporter away. */
const names = [...new Set(aliases.map((alias) => alias.name))].join('|')

export const amdGpu: SourceSystem = {
  name: 'amd-gpu',
  summary: 'AMD Device Metrics Exporter (ROCm), usually on port 5000 of a GPU server.',
  asOf: '1.5 (2026)',
  target: 'node',
  namePattern: new RegExp(`^(?:amd_)?(?:${names})$`, 'i'),
  // A partition of a GPU has readings of its own.
  labels: { gpu_partition_id: 'partition' },
  combine: 'first',
  // Unsigned 16, 32 and 64 bits with all bits set are the library's "not supported".
  isSentinel: (value) =>
    isNotFinite(value) || value === 0xffff || value === 0xffffffff || value >= 2 ** 64 - 2_048,
  derivations: [],
  aliases,
}
