import { fieldOf, without } from './serve/answer-headers.ts';
import type { HeaderFields } from './serve/representation.ts';

/** Directives that let a shared cache store a response, and those that an unqualified `private` replaces. */
const shared = /^(?:public|s-maxage|proxy-revalidate|private)(?:\s*=|$)/i;

/** Commas inside of quotes are part of a value, as in `private="set-cookie, x-a"`. */
const member = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g;

/**
 * `Cache-Control` of a response that carries a cookie: no shared cache may store it (RFC 9111 section 7.3: a cookie alone
 * does not keep a cache from that). What it says to the client's own cache stays, `max-age` and `immutable` too, because
 * no browser takes a cookie from a response that it reuses.
 *
 * @returns the same text when it lets no shared cache store the response already
 */
export function privateCacheControl(cacheControl: string | undefined): string {
  const members = (cacheControl?.match(member) ?? []).map((text) => text.trim()).filter((text) => text !== '');
  const has = (name: string) => members.some((text) => text.toLowerCase() === name);
  const rest = members.filter((text) => !shared.test(text));
  const dropped = members.length - rest.length - (has('private') ? 1 : 0);
  if (cacheControl !== undefined && dropped === 0 && (has('private') || has('no-store'))) return cacheControl;
  return [...(has('no-store') ? [] : ['private']), ...rest].join(', ');
}

/** Fields that caches of one kind obey instead of `Cache-Control` (RFC 9213 section 2.1, and those before it). */
const targeted = /^(?:(?:.+-)?cdn-cache-control|surrogate-control|x-accel-expires)$/i;

/** The names among them that speak to such caches, in lower case. */
export function targetedNames(headers: HeaderFields): readonly string[] {
  return Object.keys(headers)
    .filter((name) => targeted.test(name))
    .map((name) => name.toLowerCase());
}

/** Headers that no shared cache stores a response by; the very object that was given, when they are so already. */
export function privateHeaders(headers: HeaderFields): HeaderFields {
  const said = fieldOf(headers, 'Cache-Control');
  const cacheControl = privateCacheControl(said);
  const names = targetedNames(headers);
  if (said === cacheControl && names.length === 0) return headers;
  return { ...without(headers, new Set([...names, 'cache-control'])), 'Cache-Control': cacheControl };
}
