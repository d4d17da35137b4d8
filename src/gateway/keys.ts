import { createHash, timingSafeEqual } from 'node:crypto'
import type { GatewayConfig } from '../config/schema.ts'

export type Identity =
  | { readonly kind: 'open' }
  | { readonly kind: 'tenant'; readonly tenant: string }
  | { readonly kind: 'missing' | 'wrong' }

export type Keyring = (authorization: string | undefined) => Identity

/** Checks bearer keys; without configured keys everyone may call. */
export function createKeyring(keys: GatewayConfig['keys']): Keyring {
  const entries = keys.map(({ key, tenant }) => ({ digest: digestOf(key), tenant }))
  return (authorization) => {
    if (entries.length === 0) return { kind: 'open' }
    const given = /^Bearer +(\S+)\s*$/i.exec(authorization ?? '')?.[1]
    if (given === undefined) return { kind: 'missing' }
    const digest = digestOf(given)
    let tenant: string | undefined
    // Every key is compared, in constant time: the answer's delay tells nothing about a key.
    for (const entry of entries) if (timingSafeEqual(entry.digest, digest)) tenant = entry.tenant
    return tenant === undefined ? { kind: 'wrong' } : { kind: 'tenant', tenant }
  }
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
