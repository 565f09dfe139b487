import { exposedHeaders } from '@safelight/protocol';

/**
 * Headers of each delivery response that Safelight makes: pages of other origins may read the response, and browsers do
 * not guess its type.
 */
export const deliveryHeaders: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': exposedHeaders.join(', '),
  'Timing-Allow-Origin': '*',
};

/** The `Content-Security-Policy` for media that may contain scripts, such as SVG. It forbids the scripts. */
export const scriptlessPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/**
 * The headers that name a response, so that caches can purge it by name: `Cache-Tag`, which several CDNs read, and
 * `Cache-Groups` (RFC 9875). Without tags there are no such headers.
 *
 * @example
 * tagHeaders(['cat', 'pets']); // { 'Cache-Tag': 'cat,pets', 'Cache-Groups': '"cat", "pets"' }
 */
export function tagHeaders(tags: readonly string[]): Record<string, string> {
  if (tags.length === 0) return {};
  return { 'Cache-Tag': tags.join(','), 'Cache-Groups': tags.map((tag) => `"${tag}"`).join(', ') };
}
