import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Kept, KeptBytes, KeptVariant } from '@safelight/core';
import {
  type AnswerHead,
  ageSecondsOf,
  fieldText,
  isAnswered,
  type Lives,
  type Representation,
  writeRepresentation,
} from '@safelight/http';
import { type CacheStatus, formatCacheStatus, readHttpDate } from '@safelight/protocol';

/** The head that is stored with the bytes of a handler's response. A change here needs another key prefix than `d:`. */
export interface KeptAnswerHead extends AnswerHead {
  /** Headers that the application had set before, and that the handler removed. */
  readonly removed: readonly string[];
  readonly lives: Lives;
}

export function headOfKept(kept: Pick<KeptBytes, 'head'>, variant: Pick<KeptVariant, 'head'>): KeptAnswerHead {
  return (variant.head ?? kept.head) as unknown as KeptAnswerHead;
}

export function untilOf(lives: Lives): Omit<KeptVariant, 'name' | 'head' | 'vary'> {
  const { keptAt, freshUntil, whileRevalidatingUntil, ifErrorUntil } = lives;
  return { keptAt, freshUntil, whileRevalidatingUntil, ifErrorUntil };
}

/** The headers of a response from the cache: the handler's own, with `Age` and `Cache-Status`. */
export function reusedHeaders(
  { headers, lives }: KeptAnswerHead,
  now: number,
  status: Omit<CacheStatus, 'cache'>,
): Record<string, string | number | readonly string[]> {
  return {
    ...headers,
    age: ageSecondsOf(lives, now),
    'cache-status': formatCacheStatus({ cache: 'safelight', ...status }),
  };
}

interface Memo {
  readonly second: number;
  /** Replaced when a 304 confirms the same bytes. */
  readonly head: KeptAnswerHead;
  readonly representation: Representation;
}

type KeptOutcome = Omit<Kept, 'state'> & {
  /** `confirmed`: the handler answered 304 in this request's run; `confirmed for all`: in another request's run. */
  readonly state: Kept['state'] | 'confirmed' | 'confirmed for all';
};

/** Sends a cached response of a handler; releases it when another response was sent meanwhile. */
export type KeptAnswerWriter = (req: IncomingMessage, res: ServerResponse, outcome: KeptOutcome) => void;

export function createKeptAnswerWriter(options: {
  readonly clock: () => number;
  readonly onError: (error: unknown) => void;
  readonly onMadePrivate: () => void;
}): KeptAnswerWriter {
  // The headers change once a second, and formatting them is most of the cost of a hit.
  const memos = new WeakMap<object, Memo>();
  const { onError, onMadePrivate } = options;
  const writing = { onError, onMadePrivate, madeBy: 'handler' } as const;

  function representationOf(outcome: KeptOutcome): Representation {
    const { kept, variant, state } = outcome;
    const now = options.clock();
    const second = Math.floor(now / 1000);
    const head = headOfKept(kept, variant);
    const known = state === 'fresh' ? memos.get(kept) : undefined;
    if (known !== undefined && known.second === second && known.head === head) return known.representation;
    const ttl = Math.floor(((variant.freshUntil ?? now) - now) / 1000);
    const headers = reusedHeaders(head, now, { ...cacheStatusOf(state), ttl });
    const lastModified = fieldText(head.headers, 'last-modified');
    const etag = fieldText(head.headers, 'etag') ?? `"${kept.digest.slice(0, 27)}"`;
    headers['etag'] = etag;
    headers['content-length'] = kept.bytes;
    // Otherwise it would be added to a copy at every hit.
    if (head.status === 200) headers['accept-ranges'] = 'bytes';
    const representation: Representation = {
      status: head.status,
      headers,
      hasAllHeaders: head.status === 200,
      etag,
      lastModifiedAt: lastModified === undefined ? undefined : readHttpDate(lastModified, now),
      bytes: kept.bytes,
      body: kept.body,
      read: (start, end) => kept.read(start, end),
      release: () => kept.release(),
    };
    if (state === 'fresh') memos.set(kept, { second, head, representation });
    return representation;
  }

  return function writeKeptAnswer(req, res, outcome) {
    if (isAnswered(res)) return outcome.kept.release();
    for (const name of headOfKept(outcome.kept, outcome.variant).removed) res.removeHeader(name);
    writeRepresentation(req, res, representationOf(outcome), writing);
  };
}

function cacheStatusOf(state: KeptOutcome['state']): Omit<CacheStatus, 'cache'> {
  if (state === 'failed') return { hit: true, detail: 'refresh_failed' };
  if (state === 'fresh' || state === 'refreshed') return { hit: true };
  return { fwd: 'stale', fwdStatus: 304, stored: true, collapsed: state === 'confirmed for all' };
}
