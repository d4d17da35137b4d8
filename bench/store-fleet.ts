// The fleet of the store benchmark: six models on fifteen copies and four servers of eight GPUs, two of them unreserved.
import { configSchema, type Config } from '../src/config/schema.ts'
import { infrastructureNamespace } from '../src/vocabulary/namespace.ts'

const nodes = ['gpu-server-1', 'gpu-server-2', 'gpu-server-3', 'gpu-server-4']
const gpusOfNode = 8

const copiesOfModel: Readonly<Record<string, number>> = {
  'gpt-oss-20b': 4,
  'qwen3-8b': 3,
  'llama-3.1-8b': 3,
  'mistral-small': 2,
  'gemma-3-12b': 2,
  'phi-4': 1,
}

interface Copy {
  readonly id: string
  readonly model: string
  readonly node: string
  readonly gpus: readonly [number, number]
}

/** Each copy has two GPUs, packed onto the servers in order. */
export const copies: readonly Copy[] = Object.entries(copiesOfModel)
  .flatMap(([model, count]) =>
    Array.from({ length: count }, (_, copy) => ({ model, id: `${model}-${copy + 1}` })),
  )
  .map((copy, at) => {
    const gpu = (2 * at) % gpusOfNode
    const node = nodes[Math.floor((2 * at) / gpusOfNode)] ?? 'gpu-server-1'
    return { ...copy, node, gpus: [gpu, gpu + 1] }
  })

/** What the program would be configured with. */
export function benchConfig(dataDirectory: string): Config {
  return configSchema.parse({
    dataDirectory,
    // Texts expire after a week by default: kept, so that no rewrite of old parts disturbs a measurement.
    store: { contentRetention: '90d' },
    fleet: {
      nodes: nodes.map((name) => ({ name, instanceType: 'ml.p5.48xlarge' })),
      components: Object.keys(copiesOfModel).map((name) => ({
        name,
        copies: copies
          .filter((copy) => copy.model === name)
          .map(({ id, node, gpus }) => ({ id, node, gpus, url: 'http://127.0.0.1:1' })),
      })),
    },
  })
}

export interface BenchSeries {
  readonly namespace: string
  readonly metric: string
  readonly dimensions: Readonly<Record<string, string>>
}

/** The series that the board reads: four of each GPU and three of each copy. */
export const boardSeries: readonly BenchSeries[] = [
  ...nodes.flatMap((node) =>
    Array.from({ length: gpusOfNode }, (_, gpu) => ({ node, gpu: `${node}/${gpu}` })).flatMap(
      (dimensions) =>
        ['gpu.duty', 'gpu.mem_used', 'gpu.mem_total', 'gpu.temperature'].map((metric) => ({
          namespace: '/aws/sagemaker/Endpoints/bench',
          metric,
          dimensions,
        })),
    ),
  ),
  ...copies.flatMap(({ id, model }) =>
    ['kv.usage', 'req.running', 'req.waiting'].map((metric) => ({
      namespace: infrastructureNamespace(model),
      metric,
      dimensions: { copy: id },
    })),
  ),
]

/** Other metrics of the engines, which fill the table without being on the board. */
export function otherSeries(count: number): readonly BenchSeries[] {
  return Array.from({ length: count }, (_, at) => {
    const copy = copies[at % copies.length]
    return {
      namespace: infrastructureNamespace(copy?.model ?? ''),
      metric: `engine.metric_${Math.floor(at / copies.length)}`,
      dimensions: { copy: copy?.id ?? '' },
    }
  })
}
