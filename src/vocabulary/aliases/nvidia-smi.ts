import type { Alias, SourceSystem } from './alias.ts'
import { isNotFinite } from './alias.ts'

const field = (metric: string, name: string, parts: Partial<Alias> = {}): Alias => ({
  metric,
  name: `nvidia_smi_${name}`,
  quality: 'exact',
  ...parts,
})

/** Ratios, bytes, watts and hertz already, whatever nvidia-smi itself says; what it does not know is left out. */
export const nvidiaSmi: SourceSystem = {
  name: 'nvidia-gpu-exporter',
  summary: 'nvidia_gpu_exporter (utkuozdemir), usually on port 9835 of a GPU server.',
  asOf: '1.3 (2026)',
  target: 'node',
  namePattern: /^nvidia_smi_/,
  labels: {},
  combine: 'first',
  isSentinel: isNotFinite,
  derivations: [
    {
      metric: 'gpu.mem_total',
      sumOf: ['gpu.mem_used', 'gpu.mem_free', 'gpu.mem_reserved'],
      quality: 'derived',
    },
  ],
  aliases: [
    field('gpu.duty', 'utilization_gpu_ratio', { expected: true }),
    // The memory controller's activity, not how full the memory is.
    field('gpu.mem_controller', 'utilization_memory_ratio'),
    field('gpu.mem_used', 'memory_used_bytes', { expected: true }),
    field('gpu.mem_free', 'memory_free_bytes', { expected: true }),
    field('gpu.mem_reserved', 'memory_reserved_bytes'),
    field('gpu.mem_total', 'memory_total_bytes', { expected: true }),
    // Drivers since 530 tell the average of a second and the power of the instant apart.
    field('gpu.power', 'power_draw_watts', {
      formerNames: ['nvidia_smi_power_draw_instant_watts', 'nvidia_smi_power_draw_average_watts'],
      expected: true,
    }),
    field('gpu.energy', 'energy_joules_total'),
    field('gpu.temperature', 'temperature_gpu', { expected: true }),
    field('gpu.mem_temperature', 'temperature_memory'),
    field('gpu.sm_clock', 'clocks_current_sm_clock_hz'),
    field('gpu.sm_clock', 'clocks_current_graphics_clock_hz', { quality: 'approximate' }),
    field('gpu.mem_clock', 'clocks_current_memory_clock_hz'),
    field('gpu.pcie_tx', 'pcie_throughput_tx_bytes_per_second'),
    field('gpu.pcie_rx', 'pcie_throughput_rx_bytes_per_second'),
    field('gpu.ecc_errors', 'ecc_errors_corrected_volatile_total', {
      dimensions: { class: 'correctable' },
    }),
    field('gpu.ecc_errors', 'ecc_errors_uncorrected_volatile_total', {
      dimensions: { class: 'uncorrectable' },
    }),
  ],
}
