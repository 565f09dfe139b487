import type { IncomingMessage } from 'node:http';
import { clientAddress } from '@safelight/http';
import { LRUCache } from 'lru-cache';
import { type TokenBucket, type TokenRate, takeToken } from './token-bucket.ts';

/** How many client addresses are counted. An address that was forgotten begins anew. */
const maxClients = 10_000;

/**
 * Creates a limit on the requests of each client address.
 *
 * @returns a function that counts a request, and returns the milliseconds that its client must wait: 0 when it may go on
 */
export function createClientRate(clock: () => number, rate: TokenRate): (req: IncomingMessage) => number {
  const buckets = new LRUCache<string, TokenBucket>({ max: maxClients });
  return function waitMsOf(req) {
    const client = clientAddress(req);
    const known = buckets.get(client) ?? { tokens: rate.burst, countedAt: clock() };
    const { bucket, waitMs } = takeToken(known, clock(), rate);
    buckets.set(client, bucket);
    return waitMs;
  };
}
