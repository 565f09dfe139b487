import { headerText } from './header-text.ts';
import { type BareItem, formatInteger, formatText, parseFieldList } from './structured-field.ts';

/** Why a cache went forward (RFC 9211 section 2.2). */
export type ForwardReason = 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'miss' | 'request' | 'stale' | 'partial';

/** What one cache says about an answer (RFC 9211 section 2). */
export interface CacheStatus {
  /** Name of the cache. */
  readonly cache: string;
  /** Answered from what was stored. */
  readonly hit?: boolean | undefined;
  /** Went forward, and why; never beside `hit`. */
  readonly fwd?: ForwardReason | (string & {}) | undefined;
  /** The status that came back. */
  readonly fwdStatus?: number | undefined;
  /** Remaining life in whole seconds; negative when stale. */
  readonly ttl?: number | undefined;
  readonly stored?: boolean | undefined;
  /** Several requests shared this one answer. */
  readonly collapsed?: boolean | undefined;
  readonly detail?: string | undefined;
}

/** One member of a `Cache-Status` header, to be appended behind the members of caches nearer to the origin. */
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
 * Reads a `Cache-Status` header: the cache nearest to the origin comes first, the one nearest to the client last.
 * Parameters that are unknown or of the wrong kind are ignored; a malformed header gives `[]`.
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
