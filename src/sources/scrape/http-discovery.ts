import { messageOf } from '../../records/failure.ts'
import type { Access } from './access.ts'
import { fetchBounded } from './fetch-bounded.ts'
import type { Discovery, Found } from './file-discovery.ts'
import { parseTargetGroups } from './target-groups.ts'

const mostBodyBytes = 16 * 2 ** 20

export interface HttpDiscoveryOptions {
  readonly url: string
  readonly everyMs: number
  readonly timeoutMs: number
  readonly access: Access
}

/** Targets that a service lists. While it fails, what it last said counts. */
export function httpDiscovery({
  url,
  everyMs,
  timeoutMs,
  access,
}: HttpDiscoveryOptions): Discovery {
  let groups: Found['groups'] = []
  return {
    async look(signal) {
      try {
        const { text, contentType } = await fetchBounded(url, {
          access,
          timeoutMs,
          mostBytes: mostBodyBytes,
          headers: {
            accept: 'application/json',
            'x-prometheus-refresh-interval-seconds': String(everyMs / 1_000),
          },
          signal,
        })
        if (!/^\s*application\/json\b/i.test(contentType)) {
          throw new Error(`answered ${contentType || 'no content type'} instead of JSON`)
        }
        const { host, pathname, protocol } = new URL(url)
        const meta = `${protocol}//${host}${pathname}`
        groups = parseTargetGroups(text, 'json').map((group) => ({
          targets: group.targets,
          labels: { ...group.labels, __meta_url: meta },
        }))
        return { groups, problems: [] }
      } catch (error) {
        return { groups, problems: [`${new URL(url).host} ${messageOf(error)}`] }
      }
    },
  }
}
