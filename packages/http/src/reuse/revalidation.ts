import { isWeak, opaqueTag } from '../serve/entity-tags.ts';
import { fieldText, madeAt, type ResponseHead } from './response-head.ts';
import { resourceHeaders } from './stored-headers.ts';

/** The request fields that ask a handler whether a stored response is still current. */
export interface RevalidationHeaders {
  readonly 'if-none-match'?: string;
  readonly 'if-modified-since'?: string;
}

/**
 * The request fields that revalidate a stored response (RFC 9111 section 4.3.1); `undefined` when it has no validator.
 *
 * @example
 * revalidationHeaders({ headers: { etag: '"cat-1"' } }); // { 'if-none-match': '"cat-1"' }
 */
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
 * The fields that describe the stored bytes. A 304 has no body, so it does not update these fields: RFC 9111 section 3.2
 * excludes the length, and allows a cache to exclude others that would break the stored response.
 */
const fieldsOfBytes = ['content-length', 'content-encoding', 'content-range', 'content-type'];

/**
 * The head of a stored response after the handler has sent a 304 (RFC 9111 section 4.3.4), with the age and the date of the
 * 304. The caller computes its freshness and stores it like a new response. `undefined` when the 304 is about another
 * representation.
 *
 * @param respondedAt - when the 304 was received, epoch milliseconds
 * @example
 * const cached = { status: 200, headers: { etag: '"cat-1"', 'cache-control': 'max-age=60' } };
 * const notModified = { status: 304, headers: { etag: '"cat-1"', 'cache-control': 'max-age=90' } };
 * freshenedHead(cached, notModified, Date.now())?.headers['cache-control']; // 'max-age=90'
 */
export function freshenedHead(
  cached: ResponseHead,
  notModified: ResponseHead,
  respondedAt: number,
): ResponseHead | undefined {
  if (!isForSameRepresentation(cached, notModified)) return undefined;
  const updates = Object.entries(resourceHeaders(notModified)).filter(([name]) => !fieldsOfBytes.includes(name));
  const date = new Date(madeAt(notModified, respondedAt)).toUTCString();
  return { status: cached.status, headers: { ...cached.headers, ...Object.fromEntries(updates), date } };
}

/** Whether a 304 is about the stored representation. */
function isForSameRepresentation(cached: ResponseHead, notModified: ResponseHead): boolean {
  const [storedTag, tag] = [cached, notModified].map(({ headers }) => fieldText(headers, 'etag'));
  if (tag !== undefined) {
    // A strong tag identifies exact bytes. A weak tag is compared weakly (RFC 9110 section 8.8.3.2).
    return isWeak(tag) ? storedTag !== undefined && opaqueTag(storedTag) === opaqueTag(tag) : storedTag === tag;
  }
  const [storedModified, modified] = [cached, notModified].map(({ headers }) => fieldText(headers, 'last-modified'));
  // Many handlers send a 304 without a validator. The request named only the stored response, so the 304 is about it.
  return modified === undefined || modified === storedModified;
}
