import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Cached, CachedBytes, CachedVariant } from '@safelight/core';
import {
  ageSecondsOf,
  type Freshness,
  fieldText,
  hasResponded,
  type Representation,
  type ResponseHead,
  writeRepresentation,
} from '@safelight/http';
import { type CacheStatus, formatCacheStatus, readHttpDate } from '@safelight/protocol';

/**
 * The head that is stored with the bytes of a handler's response. If it changes, the key prefix `d:` must change too.
 */
export interface CachedResponseHead extends ResponseHead {
  /** The names of headers that the application had set before, and that the handler removed. */
  readonly removed: readonly string[];
  readonly freshness: Freshness;
}

export function headOfCached(
  cached: Pick<CachedBytes, 'head'>,
  variant: Pick<CachedVariant, 'head'>,
): CachedResponseHead {
  return (variant.head ?? cached.head) as unknown as CachedResponseHead;
}

/** The instants of a cached variant, in epoch milliseconds. */
export function instantsOf(freshness: Freshness): Omit<CachedVariant, 'name' | 'head' | 'vary'> {
  const { cachedAt, freshUntil, whileRevalidatingUntil, ifErrorUntil } = freshness;
  return { cachedAt, freshUntil, whileRevalidatingUntil, ifErrorUntil };
}

/** The headers of a response from the cache: the handler's own, with `Age` and `Cache-Status`. */
export function reusedHeaders(
  { headers, freshness }: CachedResponseHead,
  now: number,
  status: Omit<CacheStatus, 'cache'>,
): Record<string, string | number | readonly string[]> {
  return {
    ...headers,
    age: ageSecondsOf(freshness, now),
    'cache-status': formatCacheStatus({ cache: 'safelight', ...status }),
  };
}

interface Memo {
  /** Seconds since the epoch. */
  readonly second: number;
  /** A 304 that confirms the same bytes brings another head. */
  readonly head: CachedResponseHead;
  readonly representation: Representation;
}

type CachedOutcome = Omit<Cached, 'state'> & {
  /**
   * `confirmed`: the handler sent 304 in this request's run; `confirmed for all`: in a run that this request joined.
   */
  readonly state: Cached['state'] | 'confirmed' | 'confirmed for all';
};

/** Sends a cached response of a handler. If the request has a response meanwhile, it only releases the bytes. */
export type CachedResponseWriter = (req: IncomingMessage, res: ServerResponse, outcome: CachedOutcome) => void;

export function createCachedResponseWriter(options: {
  readonly clock: () => number;
  readonly onError: (error: unknown) => void;
  readonly onMadePrivate: () => void;
}): CachedResponseWriter {
  // The headers change once a second, and most of the cost of a hit is to format them.
  const memos = new WeakMap<object, Memo>();
  const { onError, onMadePrivate } = options;
  const writing = { onError, onMadePrivate, madeBy: 'handler' } as const;

  function representationOf(outcome: CachedOutcome): Representation {
    const { cached, variant, state } = outcome;
    const now = options.clock();
    const second = Math.floor(now / 1000);
    const head = headOfCached(cached, variant);
    const known = state === 'fresh' ? memos.get(cached) : undefined;
    if (known !== undefined && known.second === second && known.head === head) return known.representation;
    const ttl = Math.floor(((variant.freshUntil ?? now) - now) / 1000);
    const headers = reusedHeaders(head, now, { ...cacheStatusOf(state), ttl });
    const lastModified = fieldText(head.headers, 'last-modified');
    const etag = etagOf(head, cached);
    if (etag !== undefined) headers['etag'] = etag;
    // Added here so that the writer does not add them to a copy at each hit.
    if (head.status === 200) {
      headers['content-length'] = cached.bytes;
      headers['accept-ranges'] = 'bytes';
    }
    const representation: Representation = {
      status: head.status,
      headers,
      hasAllHeaders: head.status === 200,
      etag,
      lastModifiedAt: lastModified === undefined ? undefined : readHttpDate(lastModified, now),
      bytes: cached.bytes,
      body: cached.body,
      read: (start, end) => cached.read(start, end),
      release: () => cached.release(),
    };
    if (state === 'fresh') memos.set(cached, { second, head, representation });
    return representation;
  }

  return function writeCachedResponse(req, res, outcome) {
    if (hasResponded(res)) return outcome.cached.release();
    for (const name of headOfCached(outcome.cached, outcome.variant).removed) res.removeHeader(name);
    writeRepresentation(req, res, representationOf(outcome), writing);
  };
}

/** The handler's tag; otherwise a tag for the bytes of a picture. A redirect or a 204 stays without one. */
function etagOf({ status, headers }: CachedResponseHead, { digest }: Pick<CachedBytes, 'digest'>): string | undefined {
  const own = fieldText(headers, 'etag');
  return own ?? (status === 200 || status === 203 ? `"${digest.slice(0, 27)}"` : undefined);
}

function cacheStatusOf(state: CachedOutcome['state']): Omit<CacheStatus, 'cache'> {
  if (state === 'failed') return { hit: true, detail: 'refresh_failed' };
  if (state === 'fresh' || state === 'refreshed') return { hit: true };
  return { fwd: 'stale', fwdStatus: 304, stored: true, collapsed: state === 'confirmed for all' };
}
