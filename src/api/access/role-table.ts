// Who may do what, as data.
import type { Role } from '../../config/server-schema.ts'

/**
 * Least that a route asks for. `public` asks for nothing; `viewer_or_loopback` asks for nothing where
 * only this machine can connect; `operator_or_ingest` also lets write-only tokens in.
 */
export type Access =
  | 'public'
  | 'viewer'
  | 'viewer_or_loopback'
  | 'reviewer'
  | 'operator'
  | 'operator_or_ingest'
  | 'admin'

/** Who asks. `via` says how we know. */
export interface Principal {
  readonly name: string
  readonly role: Role
  readonly via: 'token' | 'session' | 'open'
}

/** Whether a role is enough for a route. */
export function mayAccess(access: Access, role: Role): boolean {
  return rolesOf[access].includes(role)
}

/** Whether a person of this role may read prompts and answers. */
export function mayReadText(role: Role): boolean {
  return rolesOf.reviewer.includes(role)
}

/** Least role of an access, for messages. */
export function leastRole(access: Access): Role {
  return rolesOf[access][0] ?? 'admin'
}

const viewers: readonly Role[] = ['viewer', 'reviewer', 'operator', 'admin']
const reviewers: readonly Role[] = ['reviewer', 'operator', 'admin']
const operators: readonly Role[] = ['operator', 'admin']

const rolesOf: Readonly<Record<Access, readonly Role[]>> = {
  public: [...viewers, 'ingest'],
  viewer: viewers,
  viewer_or_loopback: viewers,
  reviewer: reviewers,
  operator: operators,
  operator_or_ingest: [...operators, 'ingest'],
  admin: ['admin'],
}
