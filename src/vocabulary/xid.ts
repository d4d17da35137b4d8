/** Who is to blame for a fault of a GPU. */
export type FaultOrigin = 'hardware' | 'application' | 'unknown'

const hardware = new Set([48, 63, 64, 74, 79, 92, 94, 95, 119, 120])
const application = new Set([13, 31, 43, 45])

/** Origin of an XID by NVIDIA's catalogue; codes outside of both groups say nothing by themselves. */
export function faultOrigin(xid: number): FaultOrigin {
  if (hardware.has(xid)) return 'hardware'
  return application.has(xid) ? 'application' : 'unknown'
}
