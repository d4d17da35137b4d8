// Whose series a data point belongs to.
import type { Fleet } from '../../../fleet/fleet.ts'
import { infrastructureNamespace } from '../../../vocabulary/namespace.ts'
import type { GpuLabels } from '../../prometheus/reading.ts'
import { placeOf } from '../../prometheus/placement.ts'
import { textOf } from '../facts.ts'
import type { Settings } from '../settings.ts'
import { serverOf } from '../span-call.ts'
import type { Attributes } from '../wire/any-value.ts'

export interface PointPlace {
  readonly namespace: string
  readonly dimensions: Readonly<Record<string, string>>
  /** As the source calls the server that it runs on. */
  readonly host: string
}

/** Names under which a model is told, on a point or on its resource. */
const modelNames = [
  'gen_ai.request.model',
  'gen_ai.response.model',
  'model_name',
  'model',
  'aws.bedrock.model_id',
]

/**
 * In the namespace of the model where one is told or the copy is known, else in that of the service. A point of a copy
 * of the fleet has the copy's dimensions; any other says which instance it came from, so that two never share a series.
 */
export function placeOfPoint(
  settings: Settings,
  point: Attributes,
  resource: Attributes,
): PointPlace {
  const host = textOf(resource, ['host.name', 'k8s.node.name', 'host.id'])
  const instance = textOf(resource, ['service.instance.id', 'k8s.pod.name', 'host.name'])
  const service = textOf(resource, ['service.name']) || 'unknown'
  const copy = settings.copyById(instance) ?? settings.copyAt(serverOf(point) || serverOf(resource))
  if (copy !== undefined) {
    const { namespace, dimensions } = placeOf(settings.fleet, { kind: 'copy', copy }, null)
    return { namespace, dimensions, host }
  }
  const told = textOf(point, modelNames) || textOf(resource, modelNames)
  const component = settings.componentOf(told)
  const model = component?.model ?? told
  const namespace =
    model === ''
      ? `/opentelemetry/${service.slice(0, 200)}`
      : infrastructureNamespace(model.slice(0, 200))
  return {
    namespace,
    dimensions: {
      ...(component === undefined ? {} : { component: component.name }),
      service: service.slice(0, 200),
      ...(instance === '' ? {} : { instance: instance.slice(0, 200) }),
    },
    host,
  }
}

/** The place of a reading of a GPU: its owner's, by its UUID or its index on the server. */
export function placeOfGpuPoint(fleet: Fleet, gpu: GpuLabels, host: string): PointPlace {
  const { namespace, dimensions } = placeOf(fleet, { kind: 'node', node: host || 'unknown' }, gpu)
  return { namespace, dimensions, host }
}

/** Labels under which exporters of Prometheus name a GPU, from those of OpenTelemetry; empty without a GPU. */
export function gpuLabelsOf(point: Attributes, host: string): Readonly<Record<string, string>> {
  const id = textOf(point, ['hw.id', 'gpu.uuid', 'gpu_uuid'])
  if (id === '') return {}
  const index = /^(?:.*[^\d])?(\d{1,3})$/.exec(id)?.[1]
  const isUuid = /^(GPU|MIG)-/i.test(id) || index === undefined
  return { hostname: host, ...(isUuid ? { UUID: id } : { gpu: index }) }
}
