// One server of 6 $/h with four GPUs: two for model a, one for model b, one that nobody reserved.
import type { Fleet, GpuOwner } from '../fleet/fleet.ts'

const owner = (model: string): GpuOwner => ({ component: model, model, copy: `${model}-1` })

const owners = [owner('a'), owner('a'), owner('b'), null]

const gpus = owners.map((gpuOwner, index) => ({
  id: `n1/${index}`,
  node: 'n1',
  index,
  uuid: '',
  model: 'NVIDIA L4',
  memoryBytes: 24_000,
  owner: gpuOwner,
}))

const component = (model: string, gpuIds: readonly string[]) => ({
  name: model,
  model,
  modelVersion: '',
  copies: [
    {
      id: `${model}-1`,
      component: model,
      model,
      node: 'n1',
      url: 'http://127.0.0.1:1',
      metricsUrl: 'http://127.0.0.1:1/metrics',
      gpuIds,
    },
  ],
  ttftSloSeconds: 2,
  totalSloSeconds: 30,
})

export const testFleet: Fleet = {
  nodes: [
    {
      name: 'n1',
      instanceType: 'ml.g6.12xlarge',
      price: { usdPerHour: 6, source: 'a test', date: '2026-01-01' },
      gpus,
      dcgmUrl: null,
    },
  ],
  components: [component('a', ['n1/0', 'n1/1']), component('b', ['n1/2'])],
  gpus,
}
