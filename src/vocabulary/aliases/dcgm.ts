import type { Alias, SourceSystem } from './alias.ts'
import { isNotFinite } from './alias.ts'

const mebibyte = 2 ** 20
const megahertz = 1e6
const percent = 0.01

/** Throttle counters: the exporter's table says nanoseconds, others read microseconds, hence approximate. */
const throttled: readonly Alias[] = [
  ['POWER', 'power'],
  ['THERMAL', 'thermal'],
  ['SYNC_BOOST', 'sync_boost'],
  ['BOARD_LIMIT', 'board_limit'],
  ['LOW_UTIL', 'low_util'],
  ['RELIABILITY', 'reliability'],
].map(([field = '', reason = '']) => ({
  metric: 'gpu.throttled',
  name: `DCGM_FI_DEV_${field}_VIOLATION`,
  quality: 'approximate',
  factor: 1e-9,
  dimensions: { reason },
}))

const counted = (metric: string, name: string, className?: string): Alias => ({
  metric,
  name,
  quality: 'exact',
  ...(className === undefined ? {} : { dimensions: { class: className } }),
})

const faults: readonly Alias[] = [
  // The number of the last XID, which is a code and stays until the driver is loaded again.
  { metric: 'gpu.fault', name: 'DCGM_FI_DEV_XID_ERRORS', quality: 'exact', expected: true },
  {
    metric: 'gpu.faults_recent',
    name: 'DCGM_EXP_XID_ERRORS_COUNT',
    quality: 'exact',
    labels: { xid: 'code' },
  },
  {
    metric: 'gpu.throttle_events',
    name: 'DCGM_EXP_CLOCK_EVENTS_COUNT',
    quality: 'exact',
    labels: { clock_event: 'reason' },
  },
  counted('gpu.ecc_errors', 'DCGM_FI_DEV_ECC_SBE_VOL_TOTAL', 'correctable'),
  counted('gpu.ecc_errors', 'DCGM_FI_DEV_ECC_DBE_VOL_TOTAL', 'uncorrectable'),
  counted('gpu.rows_remapped', 'DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS', 'correctable'),
  counted('gpu.rows_remapped', 'DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS', 'uncorrectable'),
  counted('gpu.row_remap_failed', 'DCGM_FI_DEV_ROW_REMAP_FAILURE'),
  counted('gpu.pcie_replays', 'DCGM_FI_DEV_PCIE_REPLAY_COUNTER'),
  counted('gpu.nvlink_errors', 'DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL', 'crc_flit'),
  counted('gpu.nvlink_errors', 'DCGM_FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_TOTAL', 'crc_data'),
  counted('gpu.nvlink_errors', 'DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL', 'replay'),
  counted('gpu.nvlink_errors', 'DCGM_FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_TOTAL', 'recovery'),
]

const profiling = (metric: string, name: string, former: string, expected: boolean): Alias => ({
  metric,
  name: `DCGM_FI_PROF_${name}`,
  formerNames: [`DCGM_FI_PROF_${former}`],
  quality: 'exact',
  expected,
})

const activity: readonly Alias[] = [
  {
    metric: 'gpu.duty',
    name: 'DCGM_FI_DEV_GPU_UTIL',
    quality: 'exact',
    factor: percent,
    expected: true,
  },
  // Of a MIG instance there is no GPU_UTIL; the engine's own activity comes nearest.
  {
    metric: 'gpu.duty',
    name: 'DCGM_FI_PROF_GR_ENGINE_UTIL_RATIO',
    formerNames: ['DCGM_FI_PROF_GR_ENGINE_ACTIVE'],
    quality: 'approximate',
  },
  profiling('gpu.engine_active', 'GR_ENGINE_UTIL_RATIO', 'GR_ENGINE_ACTIVE', true),
  profiling('gpu.sm_active', 'SM_UTIL_RATIO', 'SM_ACTIVE', false),
  profiling('gpu.sm_occupancy', 'SM_OCCUPANCY_RATIO', 'SM_OCCUPANCY', false),
  profiling('gpu.tensor_active', 'TENSOR_UTIL_RATIO', 'PIPE_TENSOR_ACTIVE', true),
  profiling('gpu.dram_active', 'DRAM_UTIL_RATIO', 'DRAM_ACTIVE', true),
  {
    metric: 'gpu.mem_controller',
    name: 'DCGM_FI_DEV_MEM_COPY_UTIL',
    quality: 'exact',
    factor: percent,
  },
  { metric: 'gpu.pcie_tx', name: 'DCGM_FI_PROF_PCIE_TX_BYTES', quality: 'exact' },
  { metric: 'gpu.pcie_rx', name: 'DCGM_FI_PROF_PCIE_RX_BYTES', quality: 'exact' },
]

const device = (metric: string, field: string, factor: number, expected: boolean): Alias => ({
  metric,
  name: `DCGM_FI_DEV_${field}`,
  quality: 'exact',
  factor,
  expected,
})

/** int32, int64 and fp64 "blank", "not found", "not supported", "not permitted" are four values in a row. */
const blanks: readonly (readonly [first: number, last: number])[] = [
  [0x7ffffff0, 0x7ffffff3],
  // 2^63 - 16 and on: a double cannot tell them from 2^63.
  [2 ** 63 - 1_024, 2 ** 63],
  [2 ** 47, 2 ** 47 + 3],
]

export const dcgm: SourceSystem = {
  name: 'dcgm',
  summary: 'NVIDIA DCGM exporter, usually on port 9400 of a GPU server.',
  asOf: '4.8.2 (2026-05)',
  target: 'node',
  namePattern: /^DCGM_/,
  labels: { GPU_I_ID: 'mig', GPU_I_PROFILE: 'mig_profile' },
  // A virtual GPU is exported once a replica, so adding them up counts it too often.
  combine: 'first',
  isSentinel: (value) =>
    isNotFinite(value) || blanks.some(([first, last]) => value >= first && value <= last),
  aliases: [
    ...activity,
    device('gpu.mem_used', 'FB_USED', mebibyte, true),
    device('gpu.mem_free', 'FB_FREE', mebibyte, true),
    device('gpu.mem_reserved', 'FB_RESERVED', mebibyte, false),
    device('gpu.mem_total', 'FB_TOTAL', mebibyte, false),
    device('gpu.power', 'POWER_USAGE', 1, true),
    device('gpu.energy', 'TOTAL_ENERGY_CONSUMPTION', 1e-3, true),
    device('gpu.temperature', 'GPU_TEMP', 1, true),
    device('gpu.mem_temperature', 'MEMORY_TEMP', 1, false),
    device('gpu.sm_clock', 'SM_CLOCK', megahertz, true),
    device('gpu.mem_clock', 'MEM_CLOCK', megahertz, false),
    ...throttled,
    ...faults,
  ],
  derivations: [
    {
      metric: 'gpu.mem_total',
      sumOf: ['gpu.mem_used', 'gpu.mem_free', 'gpu.mem_reserved'],
      quality: 'derived',
    },
    { metric: 'gpu.mem_total', sumOf: ['gpu.mem_used', 'gpu.mem_free'], quality: 'approximate' },
  ],
}
