import { Registry } from 'prom-client'

/** Equipoise's own metrics; each file declares at its top what it bumps, `/metrics` serves them all. */
export const registry = new Registry()
