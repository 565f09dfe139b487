import { type CacheDirectives, readCacheDirectives } from './cache-directives.ts';
import { fieldText, type ReceivedFields, type ResponseHead } from './response-head.ts';

/**
 * Whether a shared cache may store a 200 response to a GET (RFC 9111 section 3). Every other status is refused before
 * this is called, so the status is always one that we understand.
 * @param response - the directives of the response
 */
export function isStorable(request: ReceivedFields, response: CacheDirectives): boolean {
  if (readCacheDirectives(request).noStore) return false;
  // Section 5.2.2.3: where the status is understood, `must-understand` sets `no-store` aside.
  if (response.noStore && !response.mustUnderstand) return false;
  if (response.isPrivate) return false;
  if (fieldText(request, 'authorization') === undefined) return true;
  // Section 3.5: these three allow a response to a request with credentials to be stored.
  return response.mustRevalidate || response.isPublic || response.sharedMaxAgeSeconds !== undefined;
}

/**
 * Whether a body is complete (RFC 9111 section 3.3): it has the announced length and is not empty. Call it only for a
 * response that ended without an error; a response that broke off is never complete.
 */
export function isWhole({ headers }: Pick<ResponseHead, 'headers'>, bytes: number): boolean {
  const announced = fieldText(headers, 'content-length');
  return bytes > 0 && (announced === undefined || announced === String(bytes));
}

/** RFC 9110 section 9.2.1. An unknown method may change the resource, so it counts as unsafe. */
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Whether a response invalidates the stored responses of its URL (RFC 9111 section 4.4). */
export function isInvalidating(method: string, status: number): boolean {
  return !safeMethods.has(method) && status >= 200 && status < 400;
}
