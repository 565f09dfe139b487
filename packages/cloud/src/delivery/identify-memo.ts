import type { FormatBucket } from '@safelight/core';
import { formatBucket, originForm } from '@safelight/http';
import { LRUCache } from 'lru-cache';
import { type Identified, type IdentifyOptions, identify } from './identify.ts';

const maxUrls = 1000;
const maxUrlLength = 512;

/** Creates a memoized `identify`: parsing a URL takes longer than all other steps of a response from the cache. */
export function createIdentify(options: IdentifyOptions): (target: string, accept: string | undefined) => Identified {
  // A URL that depends on `Accept` has one entry for each format bucket.
  const memo = new LRUCache<string, Identified | Map<FormatBucket, Identified>>({ max: maxUrls });

  return function identifyMemoized(target, accept) {
    const entry = memo.get(target);
    const hit = entry instanceof Map ? entry.get(formatBucket(accept)) : entry;
    if (hit !== undefined) return hit;
    const identified = identify(originForm(target), accept, options);
    if (identified.kind !== 'delivery' || target.length > maxUrlLength) return identified;
    if (identified.bucket === undefined) memo.set(target, identified);
    else if (entry instanceof Map) entry.set(identified.bucket, identified);
    else memo.set(target, new Map([[identified.bucket, identified]]));
    return identified;
  };
}
