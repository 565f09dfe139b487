import type { FormatBucket } from '@safelight/core';
import { formatBucket, originForm } from '@safelight/http';
import { LRUCache } from 'lru-cache';
import { type Identified, type IdentifyOptions, identify } from './identify.ts';

const maxRemembered = 1000;
const maxRememberedLength = 512;

/** A memoized `identify`: parsing a URL costs more than the rest of a response from the cache. */
export function createIdentify(options: IdentifyOptions): (target: string, accept: string | undefined) => Identified {
  // A URL that depends on `Accept` has one entry for each format bucket.
  const remembered = new LRUCache<string, Identified | Map<FormatBucket, Identified>>({ max: maxRemembered });

  return function identifyAgain(target, accept) {
    const known = remembered.get(target);
    const bucket = known instanceof Map ? formatBucket(accept) : undefined;
    const again = known instanceof Map ? known.get(bucket as FormatBucket) : known;
    if (again !== undefined) return again;
    const identified = identify(originForm(target), accept, options);
    if (identified.kind !== 'delivery' || target.length > maxRememberedLength) return identified;
    if (identified.bucket === undefined) remembered.set(target, identified);
    else if (known instanceof Map) known.set(identified.bucket, identified);
    else remembered.set(target, new Map([[identified.bucket, identified]]));
    return identified;
  };
}
