import { exposedHeaders } from '@safelight/protocol';

/** On every delivery response of ours: pages of other origins may read it, and browsers do not guess its type. */
export const deliveryHeaders: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': exposedHeaders.join(', '),
  'Timing-Allow-Origin': '*',
};

/** `Content-Security-Policy` for media that may contain scripts, such as SVG. */
export const scriptlessPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/** The same names for caches that purge by `Cache-Tag` and for those that know RFC 9875's `Cache-Groups`. */
export function tagHeaders(tags: readonly string[]): Record<string, string> {
  if (tags.length === 0) return {};
  return { 'Cache-Tag': tags.join(','), 'Cache-Groups': tags.map((tag) => `"${tag}"`).join(', ') };
}
