import { headerText } from './header-text.ts';
import { type BareItem, formatInteger, formatText, parseFieldList } from './structured-field.ts';

/** Why a cache forwarded a request (RFC 9211 section 2.2). */
export type ForwardReason = 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'miss' | 'request' | 'stale' | 'partial';

/** How one cache handled a request (RFC 9211 section 2). */
export interface CacheStatus {
  /** Name of the cache, such as `safelight`. */
  readonly cache: string;
  /** The cache responded with a stored response and did not forward the request. */
  readonly hit?: boolean | undefined;
  /** Why the request was forwarded. Not written when `hit` is `true`. */
  readonly fwd?: ForwardReason | (string & {}) | undefined;
  /** The status of the response to the forwarded request. */
  readonly fwdStatus?: number | undefined;
  /** Remaining freshness in whole seconds; negative when the response is stale. */
  readonly ttl?: number | undefined;
  /** The cache stored the response to the forwarded request. */
  readonly stored?: boolean | undefined;
  /** The request was collapsed: one forwarded request served several clients. */
  readonly collapsed?: boolean | undefined;
  /** Further information, in a form of the cache's own choice; Safelight writes the failure code. */
  readonly detail?: string | undefined;
}

/**
 * Writes one member of a `Cache-Status` header (RFC 9211). Append it after the members of the caches that are nearer to
 * the origin. Text that a header cannot hold is percent-encoded.
 *
 * @example
 * formatCacheStatus({ cache: 'safelight', hit: true, ttl: 57 }); // 'safelight; hit; ttl=57'
 * formatCacheStatus({ cache: 'safelight', fwd: 'uri-miss', stored: true }); // 'safelight; fwd=uri-miss; stored'
 */
export function formatCacheStatus(status: CacheStatus): string {
  const { cache, hit, fwd, fwdStatus, ttl, stored, collapsed, detail } = status;
  const forwarded = hit === true ? undefined : fwd;
  const members: readonly (string | undefined)[] = [
    formatText(headerText(cache)),
    hit === true ? 'hit' : undefined,
    forwarded === undefined ? undefined : `fwd=${formatText(headerText(forwarded))}`,
    forwarded === undefined || fwdStatus === undefined ? undefined : `fwd-status=${formatInteger(fwdStatus)}`,
    ttl === undefined ? undefined : `ttl=${formatInteger(ttl)}`,
    forwarded !== undefined && stored === true ? 'stored' : undefined,
    forwarded !== undefined && collapsed === true ? 'collapsed' : undefined,
    detail === undefined ? undefined : `detail=${formatText(headerText(detail))}`,
  ];
  return members.filter((member) => member !== undefined).join('; ');
}

/**
 * Reads a `Cache-Status` header (RFC 9211). Parameters that are unknown or of the wrong type are ignored. Never throws.
 *
 * @returns the cache nearest to the origin first, the cache nearest to the client last; `[]` for a malformed header
 * @example
 * const [origin, edge] = parseCacheStatus('safelight; hit; ttl=57, cdn; fwd=uri-miss');
 * origin?.ttl; // 57
 * edge?.fwd; // 'uri-miss'
 */
export function parseCacheStatus(text: string): readonly CacheStatus[] {
  return parseFieldList(text).map(({ value, parameters }) => {
    const flag = (name: string): boolean => parameters[name] === true;
    return {
      cache: String(value),
      hit: flag('hit'),
      fwd: asText(parameters['fwd']),
      fwdStatus: asNumber(parameters['fwd-status']),
      ttl: asNumber(parameters['ttl']),
      stored: flag('stored'),
      collapsed: flag('collapsed'),
      detail: asText(parameters['detail']),
    };
  });
}

function asText(value: BareItem | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function asNumber(value: BareItem | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
