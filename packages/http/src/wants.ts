import type { IncomingMessage } from 'node:http';
import type { Wants } from './failure-response.ts';

const mediaDestinations = new Set(['image', 'video', 'audio', 'track']);

/**
 * The kind of error body that the client can use, by its `Accept` and `Sec-Fetch-Dest`.
 *
 * @example
 * import { createServer } from 'node:http';
 *
 * createServer((req, res) => {
 *   res.end(wants(req)); // 'media' for an <img>, 'json' for `Accept: application/json`, else 'text'
 * });
 */
export function wants({ headers }: IncomingMessage): Wants {
  const accept = headers.accept ?? '';
  // `*/*` does not ask for JSON: every <img> and curl sends it.
  if (/\bjson\b/i.test(accept)) return 'json';
  const destination = headers['sec-fetch-dest'];
  const isMedia = typeof destination === 'string' && mediaDestinations.has(destination);
  return isMedia || accept.startsWith('image/') ? 'media' : 'text';
}
