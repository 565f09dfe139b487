import type { IncomingHttpHeaders } from 'node:http';
import { readHttpDate } from '@safelight/protocol';
import { isWeak, listsTag, listsTagStrongly } from './entity-tags.ts';
import type { Validators } from './representation.ts';

/** `proceed`: send the response; `not-modified`: 304; `failed`: 412. */
export type PreconditionResult = 'proceed' | 'not-modified' | 'failed';

/**
 * Evaluates the preconditions of a GET or HEAD, in the order of RFC 9110 section 13.2.2. Pure.
 *
 * @param requestHeaders - names in lower case, as Node has them
 * @param current - the validators of the representation
 * @param now - returns epoch milliseconds; an HTTP date with a year of two digits is read relative to it
 * @example
 * const current = { etag: '"cat-1"', lastModifiedAt: undefined };
 * evaluatePreconditions({ 'if-none-match': '"cat-1"' }, current, Date.now); // 'not-modified'
 * evaluatePreconditions({ 'if-match': '"dog-1"' }, current, Date.now); // 'failed'
 */
export function evaluatePreconditions(
  requestHeaders: IncomingHttpHeaders,
  current: Validators,
  now: () => number,
): PreconditionResult {
  const ifMatch = requestHeaders['if-match'];
  const ifUnmodifiedSince = requestHeaders['if-unmodified-since'];
  if (ifMatch !== undefined) {
    if (!listsTagStrongly(ifMatch, current.etag)) return 'failed';
  } else if (ifUnmodifiedSince !== undefined && isModifiedSince(ifUnmodifiedSince, current, now) === true) {
    return 'failed';
  }
  const ifNoneMatch = requestHeaders['if-none-match'];
  if (ifNoneMatch !== undefined) return listsTag(ifNoneMatch, current.etag) ? 'not-modified' : 'proceed';
  const ifModifiedSince = requestHeaders['if-modified-since'];
  if (ifModifiedSince === undefined) return 'proceed';
  return isModifiedSince(ifModifiedSince, current, now) === false ? 'not-modified' : 'proceed';
}

/**
 * Whether the client's part belongs to the current bytes (RFC 9110 section 13.1.5): the tag or the date of the field
 * equals the current one, and it is a strong validator.
 */
export function holdsIfRange(ifRange: string, { etag, lastModifiedAt }: Validators, now: () => number): boolean {
  if (ifRange === etag) return !isWeak(etag);
  if (lastModifiedAt === undefined) return false;
  // Section 8.8.2.2: until this second has ended, another representation can get the same date.
  const at = secondOf(lastModifiedAt);
  return now() >= at + 1000 && readHttpDate(ifRange, now()) === at;
}

/** `undefined` when there are not two valid dates; the condition is then ignored (RFC 9110 sections 13.1.3, 13.1.4). */
function isModifiedSince(date: string, { lastModifiedAt }: Validators, now: () => number): boolean | undefined {
  if (lastModifiedAt === undefined) return undefined;
  const since = readHttpDate(date, now());
  return since === undefined ? undefined : secondOf(lastModifiedAt) > since;
}

/** An HTTP date has no fraction, so a change at 5.7 s has the date of 5 s. */
function secondOf(instant: number): number {
  return Math.floor(instant / 1000) * 1000;
}
