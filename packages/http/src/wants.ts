import type { IncomingMessage } from 'node:http';
import type { Wants } from './failure-response.ts';

const mediaDestinations = new Set(['image', 'video', 'audio', 'track']);

/** What kind of error body the one who asks can use. */
export function wants({ headers }: IncomingMessage): Wants {
  const accept = headers.accept ?? '';
  // Accepting anything is no wish for JSON: every <img> and curl sends it.
  if (/\bjson\b/i.test(accept)) return 'json';
  const destination = headers['sec-fetch-dest'];
  const media = typeof destination === 'string' && mediaDestinations.has(destination);
  return media || accept.startsWith('image/') ? 'media' : 'text';
}
