import { isWeak } from '../serve/entity-tags.ts';
import { fieldText, madeAt, type ResponseHead } from './response-head.ts';
import { resourceHeaders } from './stored-headers.ts';

/** The request fields that ask a handler whether a stored response is still current. */
export interface RevalidationHeaders {
  readonly 'if-none-match'?: string;
  readonly 'if-modified-since'?: string;
}

/** `undefined` when the response has no validator (RFC 9111 section 4.3.1). */
export function revalidationHeaders({ headers }: Pick<ResponseHead, 'headers'>): RevalidationHeaders | undefined {
  const etag = fieldText(headers, 'etag');
  const lastModified = fieldText(headers, 'last-modified');
  if (etag === undefined && lastModified === undefined) return undefined;
  return {
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
    ...(lastModified === undefined ? {} : { 'if-modified-since': lastModified }),
  };
}

/**
 * The fields that describe the stored bytes. A 304 brings no new bytes, so it does not update these fields (RFC 9111
 * section 3.2 requires that for the length, and allows it where an update would break the stored response).
 */
const ofTheBytes = ['content-length', 'content-encoding', 'content-range', 'content-type'];

/**
 * The head of a stored response after its handler answered 304 (RFC 9111 section 4.3.4), with the age and date of the
 * 304. The caller judges and stores it like a new response. `undefined` when the 304 is about another representation.
 * @param respondedAt - when the 304 was received, epoch milliseconds
 */
export function freshenedHead(
  cached: ResponseHead,
  notModified: ResponseHead,
  respondedAt: number,
): ResponseHead | undefined {
  if (!isAbout(cached, notModified)) return undefined;
  const updates = Object.entries(resourceHeaders(notModified)).filter(([name]) => !ofTheBytes.includes(name));
  const date = new Date(madeAt(notModified, respondedAt)).toUTCString();
  return { status: cached.status, headers: { ...cached.headers, ...Object.fromEntries(updates), date } };
}

function isAbout(cached: ResponseHead, notModified: ResponseHead): boolean {
  const [storedTag, tag] = [cached, notModified].map(({ headers }) => fieldText(headers, 'etag'));
  if (tag !== undefined) {
    // A strong tag names one sequence of bytes; a weak one is compared weakly (RFC 9110 section 8.8.3.2).
    return isWeak(tag) ? storedTag !== undefined && opaque(storedTag) === opaque(tag) : storedTag === tag;
  }
  const [storedModified, modified] = [cached, notModified].map(({ headers }) => fieldText(headers, 'last-modified'));
  // The 304 of many handlers has no validator. It must be about the stored response: the request named no other.
  return modified === undefined || modified === storedModified;
}

function opaque(tag: string): string {
  return isWeak(tag) ? tag.slice(2) : tag;
}
