// What a server type holds and costs. Prices are inputs: each has a source and a date, and configuration overrides it.
import { type CatalogueEntry, instanceCatalogue } from '../config/catalogue-data.ts'

/** Each known instance type with its GPUs and, where one was found, its price in US dollars an hour. */
export const catalogue: readonly CatalogueEntry[] = instanceCatalogue

const byType = new Map(catalogue.map((entry) => [entry.instanceType, entry]))

/** The catalogue's entry of an instance type, e.g. `ml.g6.12xlarge`; `undefined` when it is not known. */
export function catalogueEntry(instanceType: string): CatalogueEntry | undefined {
  return byType.get(instanceType)
}
