import { readRetryAfter } from '@safelight/protocol';

/** The `Retry-After` of a response, in milliseconds. */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  return readRetryAfter(headers.get('retry-after'), now, headers.get('date'));
}
