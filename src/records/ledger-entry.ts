/** Who a minute of a node's price is charged to. */
export type LedgerOwner = 'model' | 'idle' | 'shared'

/** One line of the bill for one minute. Lines of a node and minute sum to the node's price exactly. */
export interface LedgerEntry {
  readonly project: string
  readonly minuteMs: number
  readonly node: string
  readonly owner: LedgerOwner
  /** Empty for `idle` and `shared`. */
  readonly model: string
  readonly component: string
  readonly gpus: number
  readonly costUsd: number
  /** Part of `costUsd` spent on reserved GPUs that did no work; `null` = use not known. */
  readonly idleCostUsd: number | null
  readonly priceSource: string
  /** ISO date of the price. */
  readonly priceDate: string
}
