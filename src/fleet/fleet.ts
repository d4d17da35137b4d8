// What the fleet is made of, who owns which GPU and what each server costs.

/** A price is an input with a source and a date, never a constant. */
export interface Price {
  readonly usdPerHour: number
  readonly source: string
  /** ISO date on which the price was read. */
  readonly date: string
}

/** Which copy reserves a GPU. */
export interface GpuOwner {
  readonly component: string
  readonly model: string
  readonly copy: string
}

export interface Gpu {
  /** `node/index`, e.g. `gpu-server-1/0`: unique in the fleet and stable across restarts. */
  readonly id: string
  readonly node: string
  readonly index: number
  /** As DCGM reports it; empty when the configuration does not say. */
  readonly uuid: string
  readonly model: string
  readonly memoryBytes: number
  /** `null` = nobody reserved it: its price is idle cost. */
  readonly owner: GpuOwner | null
}

export interface FleetNode {
  readonly name: string
  readonly instanceType: string
  readonly price: Price
  readonly gpus: readonly Gpu[]
  readonly dcgmUrl: string | null
}

export interface FleetCopy {
  readonly id: string
  readonly component: string
  readonly model: string
  readonly node: string
  readonly url: string
  readonly metricsUrl: string
  readonly gpuIds: readonly string[]
}

export interface FleetComponent {
  readonly name: string
  readonly model: string
  readonly modelVersion: string
  readonly copies: readonly FleetCopy[]
  readonly ttftSloSeconds: number
  readonly totalSloSeconds: number
}

export interface Fleet {
  readonly nodes: readonly FleetNode[]
  readonly components: readonly FleetComponent[]
  /** Each GPU of the fleet, in node then index order. */
  readonly gpus: readonly Gpu[]
}
