// Accelerators and on-demand SageMaker prices of instance types, as data. It lives here because the check of a
// configuration needs it; `fleet/catalogue.ts` is its door. Larger names do not mean more GPUs: counts are written out.

export interface CataloguePrice {
  readonly usdPerHour: number
  /** Where the number was read and for which region and usage. */
  readonly source: string
  /** ISO date on which it was read; the first day of the period where the source names only a month or year. */
  readonly date: string
  /** Not read anywhere but worked out from another price; the source says how. */
  readonly estimated: boolean
}

export interface CatalogueEntry {
  readonly instanceType: string
  readonly gpuModel: string
  readonly gpuCount: number
  /** Nominal memory of one GPU; `null` = not known. */
  readonly gpuMemoryGiB: number | null
  readonly vcpus: number | null
  readonly memoryGiB: number | null
  /** `null` = no on-demand price was found, which is not a price of zero. */
  readonly price: CataloguePrice | null
}

type Source = Pick<CataloguePrice, 'source' | 'date'>

const hostingTable: Source = {
  source: 'Price List API, SageMaker hosting, us-east-1 (USE1-Host), quoted by a public table',
  date: '2026-07-30',
}
const eastTable: Source = {
  source: 'Price List API, SageMaker, us-east-1, August 2026, quoted by a public table',
  date: '2026-08-01',
}
const westTable: Source = {
  source: 'Price List API, SageMaker training, us-west-2, 2026, quoted by a public table',
  date: '2026-01-01',
}
const studioTable: Source = {
  source: 'Price List API, SageMaker Studio, us-west-2, quoted by a public table',
  date: '2026-09-01',
}
const benchmarkTable: Source = {
  source:
    'SageMaker hosting, us-east-1, pricing.yml of aws-samples/foundation-model-benchmarking-tool',
  date: '2025-01-26',
}

/** SageMaker costs 1.15 times EC2 in the p family wherever both prices are known. */
const estimate = (ec2UsdPerHour: number): CataloguePrice => ({
  usdPerHour: Math.round(ec2UsdPerHour * 1.15 * 100) / 100,
  source: `estimate: EC2 on-demand ${ec2UsdPerHour} $/h x 1.15 (SageMaker mark-up of the p family)`,
  date: '2026-09-01',
  estimated: true,
})

type Size = readonly [
  size: string,
  vcpus: number | null,
  memoryGiB: number | null,
  usdPerHour: number | null,
]

interface Family {
  readonly name: string
  readonly gpuModel: string
  readonly gpuCount: number
  readonly gpuMemoryGiB: number | null
  readonly source: Source
  readonly sizes: readonly Size[]
}

const t4 = { name: 'g4dn', gpuModel: 'NVIDIA T4', gpuMemoryGiB: 16 }
const a10g = { name: 'g5', gpuModel: 'NVIDIA A10G', gpuMemoryGiB: 24 }
const l4 = { name: 'g6', gpuModel: 'NVIDIA L4', gpuMemoryGiB: 24 }
const l40s = { name: 'g6e', gpuModel: 'NVIDIA L40S', gpuMemoryGiB: 48 }
const rtx = { name: 'g7e', gpuModel: 'NVIDIA RTX PRO 6000', gpuMemoryGiB: 96 }

// Each row: size, vCPUs, memory in GiB, US dollars an hour.
const families: readonly Family[] = [
  {
    ...t4,
    gpuCount: 1,
    source: studioTable,
    sizes: [
      ['xlarge', 4, 16, 0.7364],
      ['2xlarge', 8, 32, 0.94],
    ],
  },
  {
    ...t4,
    gpuCount: 1,
    source: benchmarkTable,
    sizes: [
      ['4xlarge', 16, 64, 1.505],
      ['8xlarge', 32, 128, 2.72],
      ['16xlarge', 64, 256, 5.44],
    ],
  },
  { ...t4, gpuCount: 4, source: benchmarkTable, sizes: [['12xlarge', 48, 192, 4.89]] },
  {
    ...a10g,
    gpuCount: 1,
    source: hostingTable,
    sizes: [
      ['xlarge', 4, 16, 1.408],
      ['2xlarge', 8, 32, 1.515],
      ['4xlarge', 16, 64, 2.03],
      ['8xlarge', 32, 128, 3.06],
      ['16xlarge', 64, 256, 5.12],
    ],
  },
  {
    ...a10g,
    gpuCount: 4,
    source: eastTable,
    sizes: [
      ['12xlarge', 48, 192, 7.09],
      ['24xlarge', 96, 384, 10.18],
    ],
  },
  { ...a10g, gpuCount: 8, source: westTable, sizes: [['48xlarge', 192, 768, 20.36]] },
  {
    ...l4,
    gpuCount: 1,
    source: hostingTable,
    sizes: [
      ['xlarge', 4, 16, 1.1267],
      ['2xlarge', 8, 32, 1.222],
      ['4xlarge', 16, 64, 1.654],
      ['8xlarge', 32, 128, 2.518],
    ],
  },
  { ...l4, gpuCount: 1, source: benchmarkTable, sizes: [['16xlarge', 64, 256, 4.246]] },
  {
    ...l4,
    gpuCount: 4,
    source: hostingTable,
    sizes: [
      ['12xlarge', 48, 192, 5.752],
      ['24xlarge', 96, 384, 8.344],
    ],
  },
  { ...l4, gpuCount: 8, source: westTable, sizes: [['48xlarge', 192, 768, 16.688]] },
  {
    ...l40s,
    gpuCount: 1,
    source: westTable,
    sizes: [
      ['xlarge', 4, 32, 2.6054],
      ['4xlarge', 16, 128, 3.7553],
      ['8xlarge', 32, 256, 5.6607],
      ['16xlarge', 64, 512, null],
    ],
  },
  { ...l40s, gpuCount: 1, source: eastTable, sizes: [['2xlarge', 8, 64, 2.8026]] },
  { ...l40s, gpuCount: 4, source: eastTable, sizes: [['12xlarge', 48, 384, 13.1158]] },
  { ...l40s, gpuCount: 4, source: westTable, sizes: [['24xlarge', 96, 768, 18.832]] },
  { ...l40s, gpuCount: 8, source: westTable, sizes: [['48xlarge', 192, 1536, 37.664]] },
  {
    ...rtx,
    gpuCount: 1,
    source: studioTable,
    sizes: [
      ['2xlarge', null, null, 4.2039],
      ['4xlarge', null, null, 4.9977],
      ['8xlarge', null, null, 6.5853],
    ],
  },
  { ...rtx, gpuCount: 2, source: studioTable, sizes: [['12xlarge', null, null, 10.3576]] },
  { ...rtx, gpuCount: 4, source: studioTable, sizes: [['24xlarge', null, null, 20.7152]] },
  { ...rtx, gpuCount: 8, source: studioTable, sizes: [['48xlarge', null, null, 41.4304]] },
]

/** Large training types: one entry each. The two Studio prices are those after the cut; older tables say 37.688 and 113.068. */
const largeTypes: readonly CatalogueEntry[] = [
  large('ml.p4d.24xlarge', 'NVIDIA A100', 40, {
    shape: [8, 96, 1152],
    price: { usdPerHour: 25.2513, ...studioTable, estimated: false },
  }),
  large('ml.p4de.24xlarge', 'NVIDIA A100', 80, { shape: [8, 96, 1152], price: estimate(27.447) }),
  large('ml.p5.4xlarge', 'NVIDIA H100', 80, { shape: [1, 16, 256], price: estimate(6.88) }),
  large('ml.p5.48xlarge', 'NVIDIA H100', 80, {
    shape: [8, 192, 2048],
    price: { usdPerHour: 63.296, ...studioTable, estimated: false },
  }),
  large('ml.p5e.48xlarge', 'NVIDIA H200', 141, { shape: [8, 192, 2048], price: null }),
  large('ml.p5en.48xlarge', 'NVIDIA H200', 141, { shape: [8, 192, 2048], price: estimate(63.296) }),
  large('ml.p6-b200.48xlarge', 'NVIDIA B200', 180, {
    shape: [8, 192, 2024],
    price: estimate(113.93),
  }),
  large('ml.p6-b300.48xlarge', 'NVIDIA B300', null, { shape: [8, null, null], price: null }),
  large('ml.p6e-gb200.36xlarge', 'NVIDIA GB200', null, { shape: [4, 144, 960], price: null }),
]

/** Every known instance type. */
export const instanceCatalogue: readonly CatalogueEntry[] = [
  ...families.flatMap((family) => family.sizes.map((size) => entryOf(family, size))),
  ...largeTypes,
]

function entryOf(family: Family, [size, vcpus, memoryGiB, usdPerHour]: Size): CatalogueEntry {
  return {
    instanceType: `ml.${family.name}.${size}`,
    gpuModel: family.gpuModel,
    gpuCount: family.gpuCount,
    gpuMemoryGiB: family.gpuMemoryGiB,
    vcpus,
    memoryGiB,
    price: usdPerHour === null ? null : { usdPerHour, ...family.source, estimated: false },
  }
}

function large(
  instanceType: string,
  gpuModel: string,
  gpuMemoryGiB: number | null,
  facts: {
    readonly shape: readonly [gpus: number, vcpus: number | null, memoryGiB: number | null]
    readonly price: CataloguePrice | null
  },
): CatalogueEntry {
  const [gpuCount, vcpus, memoryGiB] = facts.shape
  return {
    instanceType,
    gpuModel,
    gpuCount,
    gpuMemoryGiB,
    vcpus,
    memoryGiB,
    price: facts.price,
  }
}
