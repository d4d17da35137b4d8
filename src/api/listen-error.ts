import { UserError } from '../records/failure.ts'

export interface Place {
  readonly host: string
  readonly port: number
  /** Settings that it was read from, e.g. `server`. */
  readonly section: string
}

/**
 * Why a listener cannot listen, with the setting to change; anything else unchanged.
 * @param code of the operating system, e.g. `EADDRINUSE`
 */
export function listenError(error: Error, code: string, { host, port, section }: Place): Error {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} on ${host} is taken by another program: stop it, or set ${section}.port to a free port (0 picks one)`,
    EACCES: `port ${port} on ${host} is not allowed for this user: set ${section}.port to one above 1023`,
    EADDRNOTAVAIL: `${host} is no address of this machine: set ${section}.host to 127.0.0.1, or to one of its own`,
    ENOTFOUND: `${section}.host ${host} is not known: write an address or a name that resolves`,
  }
  const reason = reasons[code]
  return reason === undefined
    ? error
    : new UserError(reason, { code: 'cannot_listen', cause: error })
}
