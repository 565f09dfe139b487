import { deliveryHeaders } from '../delivery-headers.ts';
import type { HeaderFields, Representation } from './representation.ts';

/** Headers of the whole response. Returns the same object when it already has length and ranges. */
export function fullHeaders({ status, headers, bytes }: Representation): HeaderFields {
  // RFC 9110 section 8.6: a 204 must not have a length.
  const lacksLength = status !== 204 && !has(headers, 'Content-Length');
  const lacksRanges = status === 200 && !has(headers, 'Accept-Ranges');
  if (!lacksLength && !lacksRanges) return headers;
  return {
    ...headers,
    ...(lacksLength ? { 'Content-Length': bytes } : {}),
    ...(lacksRanges ? { 'Accept-Ranges': 'bytes' } : {}),
  };
}

/** Fields about the content as it is sent. They are right only for the whole response (RFC 9530 section 2). */
const fieldsOfContent = ['content-length', 'content-digest', 'content-md5'];

const fieldsOfRepresentation = [
  ...fieldsOfContent,
  ...['content-type', 'content-encoding', 'content-language', 'content-range', 'repr-digest', 'digest'],
  ...['accept-ranges', 'transfer-encoding', 'trailer'],
];

const hiddenWithoutTag: ReadonlySet<string> = new Set(fieldsOfRepresentation);
const hiddenWithTag: ReadonlySet<string> = new Set([...fieldsOfRepresentation, 'last-modified']);

/**
 * Headers of a 304 (RFC 9110 section 15.4.5): the fields that caches update, and fields about this response. Fields that
 * describe the bytes are left out, because no bytes are sent. Caches need `Last-Modified` only without an `ETag`.
 */
export function notModifiedHeaders({ headers, etag }: Representation): HeaderFields {
  return without(headers, hiddenInNotModified(etag));
}

/** The fields that a 304 must not have, in lower case, not even from the application. */
export function hiddenInNotModified(etag: string | undefined): ReadonlySet<string> {
  return etag === undefined ? hiddenWithoutTag : hiddenWithTag;
}

const replacedInPart: ReadonlySet<string> = new Set([...fieldsOfContent, 'accept-ranges', 'cache-control']);
const replacedInParts: ReadonlySet<string> = new Set([...replacedInPart, 'content-type']);

/**
 * Headers of a 206 (RFC 9110 section 15.3.7): those of the whole response, with the length of the part. A client cannot
 * use a part that was compressed after it was cut, so `no-transform` forbids proxies and middleware to compress it.
 *
 * @param own - `Content-Range`, or for several parts their `Content-Type`, which replaces that of the whole response
 */
export function partHeaders({ headers }: Representation, bytes: number, own: HeaderFields): HeaderFields {
  return {
    ...without(headers, 'Content-Type' in own ? replacedInParts : replacedInPart),
    'Cache-Control': withNoTransform(fieldOf(headers, 'Cache-Control')),
    'Accept-Ranges': 'bytes',
    'Content-Length': bytes,
    ...own,
  };
}

function withNoTransform(cacheControl: string | undefined): string {
  if (cacheControl === undefined) return 'no-transform';
  return cacheControl.includes('no-transform') ? cacheControl : `${cacheControl}, no-transform`;
}

/** Headers of a 412 or 416, which is about one request and not about the resource: no cache may store it. */
export function refusalHeaders({ headers }: Representation): Record<string, string | number> {
  const refusal: Record<string, string | number> = {
    ...deliveryHeaders,
    'Cache-Control': 'no-store',
    'Content-Length': 0,
  };
  for (const name of ['Cache-Status', 'Cache-Tag', 'Cache-Groups']) {
    const value = fieldOf(headers, name);
    if (value !== undefined) refusal[name] = value;
  }
  return refusal;
}

/** Headers without those that have one of the names, which are in lower case. */
export function without(headers: HeaderFields, names: ReadonlySet<string>): HeaderFields {
  const rest: Record<string, HeaderFields[string]> = {};
  for (const [name, value] of Object.entries(headers)) if (!names.has(name.toLowerCase())) rest[name] = value;
  return rest;
}

/** The value of a field; a list is joined. `name` in its usual spelling, which is tried first. */
export function fieldOf(headers: HeaderFields, name: string): string | undefined {
  const value = headers[name] ?? headers[spellingOf(headers, name) ?? ''];
  return value === undefined ? undefined : typeof value === 'object' ? value.join(', ') : String(value);
}

function has(headers: HeaderFields, name: string): boolean {
  return headers[name] !== undefined || spellingOf(headers, name) !== undefined;
}

function spellingOf(headers: HeaderFields, name: string): string | undefined {
  const lowerCase = name.toLowerCase();
  if (lowerCase in headers) return lowerCase;
  return Object.keys(headers).find((key) => key.toLowerCase() === lowerCase);
}
