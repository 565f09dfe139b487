import { readRetryAfter } from '@safelight/protocol';

/** How long an answer asks to wait, in milliseconds. */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  return readRetryAfter(headers.get('retry-after'), now, headers.get('date'));
}
