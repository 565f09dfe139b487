import { type CacheDirectives, readCacheDirectives } from './cache-directives.ts';
import { hasPicture, isUnderstoodStatus } from './cacheable-status.ts';
import { fieldText, type ReceivedFields, type ResponseHead } from './response-head.ts';

/**
 * Whether a shared cache may store a response to a GET (RFC 9111 section 3).
 *
 * @param response - the directives of the response
 */
export function isStorable(request: ReceivedFields, status: number, response: CacheDirectives): boolean {
  if (readCacheDirectives(request).noStore) return false;
  // Section 5.2.2.3: a cache that understands the status ignores `no-store` beside `must-understand`.
  if (response.mustUnderstand && !isUnderstoodStatus(status)) return false;
  if (response.noStore && !response.mustUnderstand) return false;
  if (response.isPrivate) return false;
  if (fieldText(request, 'authorization') === undefined) return true;
  // Section 3.5: a response to a request with credentials may be stored only with one of these three directives.
  return response.mustRevalidate || response.isPublic || response.sharedMaxAgeSeconds !== undefined;
}

/**
 * Whether a body is complete (RFC 9111 section 3.3): it has the announced length, and that of a 200 or 203 is not empty.
 * Call this only for a response that ended without an error. A response that broke off is never complete.
 *
 * @param bytes - the length of the body that was received
 * @example
 * isWhole({ status: 200, headers: { 'content-length': '5' } }, 4); // false
 */
export function isWhole({ status, headers }: ResponseHead, bytes: number): boolean {
  const announced = fieldText(headers, 'content-length');
  return (bytes > 0 || !hasPicture(status)) && (announced === undefined || announced === String(bytes));
}

/** RFC 9110 section 9.2.1. An unknown method counts as unsafe, because it may change the resource. */
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/**
 * Whether a response invalidates the stored responses of its URL (RFC 9111 section 4.4): the method is unsafe, and the
 * status is not an error.
 *
 * @example
 * isInvalidating('PUT', 204); // true
 * isInvalidating('PUT', 404); // false
 */
export function isInvalidating(method: string, status: number): boolean {
  return !safeMethods.has(method) && status >= 200 && status < 400;
}
