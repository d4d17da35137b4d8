// Where a request comes from: other sites' pages must neither read nor act in a person's name.

/** Whether only programs of this machine can reach a listener on this host. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase()
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '::1' ||
    /^127(?:\.\d{1,3}){3}$/.test(name)
  )
}

/**
 * Whether a `Host` header names this machine. A page of another site whose name was pointed at 127.0.0.1
 * (DNS rebinding) reaches a loopback listener too, but under its own name.
 */
export function namesLoopback(hostHeader: string | undefined): boolean {
  return hostHeader !== undefined && isLoopback(hostHeader.replace(/:\d+$/, ''))
}

export interface OriginHeaders {
  readonly host: string | undefined
  readonly origin: string | undefined
  readonly secFetchSite: string | undefined
}

/** Whether a state-changing request comes from our own page or from no page at all. */
export function isSameOrigin(headers: OriginHeaders): boolean {
  const { host, origin, secFetchSite } = headers
  if (secFetchSite !== undefined) return secFetchSite === 'same-origin' || secFetchSite === 'none'
  // Browsers always say the origin of what changes state; programs such as curl do not.
  if (origin === undefined) return true
  return URL.canParse(origin) && new URL(origin).host === host
}
