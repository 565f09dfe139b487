import { deliveryHeaders } from '../delivery-headers.ts';
import type { HeaderFields, Representation } from './representation.ts';

/** Headers of the whole response. Returns the same object when nothing is missing. */
export function fullHeaders({ status, headers, bytes }: Representation): HeaderFields {
  // RFC 9110 section 8.6: no length with a 204.
  const length = status !== 204 && !has(headers, 'Content-Length');
  const ranges = status === 200 && !has(headers, 'Accept-Ranges');
  if (!length && !ranges) return headers;
  return {
    ...headers,
    ...(length ? { 'Content-Length': bytes } : {}),
    ...(ranges ? { 'Accept-Ranges': 'bytes' } : {}),
  };
}

/** Fields about the content as it is sent, so they are right only for the whole response (RFC 9530 section 2). */
const ofTheContent = ['content-length', 'content-digest', 'content-md5'];

const ofTheRepresentation = [
  ...ofTheContent,
  ...['content-type', 'content-encoding', 'content-language', 'content-range', 'repr-digest', 'digest'],
  ...['accept-ranges', 'transfer-encoding', 'trailer'],
];

const withoutTag: ReadonlySet<string> = new Set(ofTheRepresentation);
const withTag: ReadonlySet<string> = new Set([...ofTheRepresentation, 'last-modified']);

/**
 * Headers of a 304 (RFC 9110 section 15.4.5): the fields that caches update and those about this response, but none
 * that describes the bytes, which are not sent. Caches need `Last-Modified` only where there is no `ETag`.
 */
export function notModifiedHeaders({ headers, etag }: Representation): HeaderFields {
  return without(headers, hidesInNotModified(etag));
}

/** The fields that a 304 must not have, in lower case; also when the application has set them. */
export function hidesInNotModified(etag: string | undefined): ReadonlySet<string> {
  return etag === undefined ? withoutTag : withTag;
}

const ofTheWhole: ReadonlySet<string> = new Set([...ofTheContent, 'accept-ranges', 'cache-control']);
const ofTheWholeAndType: ReadonlySet<string> = new Set([...ofTheWhole, 'content-type']);

/**
 * Headers of a 206 (RFC 9110 section 15.3.7): those of the whole, with this length. A client cannot place a part that
 * was compressed after it was cut, so `no-transform` tells proxies and middleware not to compress it.
 * @param own - `Content-Range`, or the `Content-Type` of several parts, which replaces that of the whole
 */
export function partHeaders({ headers }: Representation, bytes: number, own: HeaderFields): HeaderFields {
  return {
    ...without(headers, 'Content-Type' in own ? ofTheWholeAndType : ofTheWhole),
    'Cache-Control': untransformed(fieldOf(headers, 'Cache-Control')),
    'Accept-Ranges': 'bytes',
    'Content-Length': bytes,
    ...own,
  };
}

function untransformed(cacheControl: string | undefined): string {
  if (cacheControl === undefined) return 'no-transform';
  return cacheControl.includes('no-transform') ? cacheControl : `${cacheControl}, no-transform`;
}

/** Headers of a 412 or 416, which is about one request and not about the resource. */
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

/** Headers without those of the given lower-case names. */
export function without(headers: HeaderFields, names: ReadonlySet<string>): HeaderFields {
  const rest: Record<string, HeaderFields[string]> = {};
  for (const [name, value] of Object.entries(headers)) if (!names.has(name.toLowerCase())) rest[name] = value;
  return rest;
}

/** The value of a field, single or a list. `name` in its usual spelling, which is tried first. */
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
