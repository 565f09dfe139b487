import type { HeaderFields } from './serve/representation.ts';
import { fieldOf, without } from './serve/response-headers.ts';

/** Directives that are for shared caches only, and any `private`, which the unqualified one replaces. */
const sharedOnly = /^(?:public|s-maxage|proxy-revalidate|private)(?:\s*=|$)/i;

/** A comma inside quotes is part of a value, as in `private="set-cookie, x-a"`. */
const member = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g;

/**
 * `Cache-Control` of a response that carries a cookie. No shared cache may store such a response, and a cookie alone does
 * not prevent that (RFC 9111 section 7.3). Directives for the client's own cache stay, also `max-age` and `immutable`,
 * because a browser does not take a cookie from a response that it reuses.
 *
 * @returns the same text when it already forbids shared caches to store the response
 */
export function privateCacheControl(cacheControl: string | undefined): string {
  const members = (cacheControl?.match(member) ?? []).map((text) => text.trim()).filter((text) => text !== '');
  const has = (name: string) => members.some((text) => text.toLowerCase() === name);
  const rest = members.filter((text) => !sharedOnly.test(text));
  const dropped = members.length - rest.length - (has('private') ? 1 : 0);
  if (cacheControl !== undefined && dropped === 0 && (has('private') || has('no-store'))) return cacheControl;
  return [...(has('no-store') ? [] : ['private']), ...rest].join(', ');
}

/** Fields that some caches obey instead of `Cache-Control` (RFC 9213 section 2.1, and older fields of this kind). */
const targeted = /^(?:(?:.+-)?cdn-cache-control|surrogate-control|x-accel-expires)$/i;

/** The names of the fields for such caches, in lower case. */
export function targetedNames(headers: HeaderFields): readonly string[] {
  return Object.keys(headers)
    .filter((name) => targeted.test(name))
    .map((name) => name.toLowerCase());
}

/**
 * Headers that forbid shared caches to store the response. Returns the same object when they already do.
 *
 * @example
 * privateHeaders({ 'Cache-Control': 'public, max-age=60' }); // { 'Cache-Control': 'private, max-age=60' }
 */
export function privateHeaders(headers: HeaderFields): HeaderFields {
  const before = fieldOf(headers, 'Cache-Control');
  const cacheControl = privateCacheControl(before);
  const names = targetedNames(headers);
  if (before === cacheControl && names.length === 0) return headers;
  return { ...without(headers, new Set([...names, 'cache-control'])), 'Cache-Control': cacheControl };
}
