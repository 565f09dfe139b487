import type { IncomingHttpHeaders } from 'node:http';
import { readHttpDate } from '@safelight/protocol';
import { isWeak, listsTag, listsTagStrongly } from './entity-tags.ts';
import type { Validators } from './representation.ts';

/** `proceed`: send the response; `not-modified`: 304; `failed`: 412. */
export type PreconditionResult = 'proceed' | 'not-modified' | 'failed';

/** The preconditions of a GET or HEAD, in the order of RFC 9110 section 13.2.2. Pure. */
export function evaluatePreconditions(
  asked: IncomingHttpHeaders,
  current: Validators,
  now: () => number,
): PreconditionResult {
  const ifMatch = asked['if-match'];
  const ifUnmodifiedSince = asked['if-unmodified-since'];
  if (ifMatch !== undefined) {
    if (!listsTagStrongly(ifMatch, current.etag)) return 'failed';
  } else if (ifUnmodifiedSince !== undefined && isModifiedSince(ifUnmodifiedSince, current, now) === true) {
    return 'failed';
  }
  const ifNoneMatch = asked['if-none-match'];
  if (ifNoneMatch !== undefined) return listsTag(ifNoneMatch, current.etag) ? 'not-modified' : 'proceed';
  const ifModifiedSince = asked['if-modified-since'];
  if (ifModifiedSince === undefined) return 'proceed';
  return isModifiedSince(ifModifiedSince, current, now) === false ? 'not-modified' : 'proceed';
}

/**
 * Whether a part of these bytes fits the part that the client has (RFC 9110 section 13.1.5): the tag or the date in the
 * field equals the current one, and it is a strong validator.
 */
export function holdsIfRange(ifRange: string, { etag, lastModifiedAt }: Validators, now: () => number): boolean {
  if (ifRange === etag) return !isWeak(etag);
  if (lastModifiedAt === undefined) return false;
  // Section 8.8.2.2: until that second has ended, another representation may get the same date.
  const at = secondOf(lastModifiedAt);
  return now() >= at + 1000 && readHttpDate(ifRange, now()) === at;
}

/** `undefined` when the dates cannot be compared; then the condition is ignored (RFC 9110 sections 13.1.3, 13.1.4). */
function isModifiedSince(date: string, { lastModifiedAt }: Validators, now: () => number): boolean | undefined {
  if (lastModifiedAt === undefined) return undefined;
  const since = readHttpDate(date, now());
  return since === undefined ? undefined : secondOf(lastModifiedAt) > since;
}

/** An HTTP date has no fractions: for a file that changed at .7 s the client got .0, and that date is current. */
function secondOf(instant: number): number {
  return Math.floor(instant / 1000) * 1000;
}
