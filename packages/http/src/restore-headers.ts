import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/**
 * Gives a response the header fields back that it had before, and removes all others. Fields that did not change keep
 * the spelling of their names.
 *
 * @param before - the result of an earlier `res.getHeaders()`
 * @throws {Error} when headers were sent already (`ERR_HTTP_HEADERS_SENT`)
 * @example
 * import { createServer } from 'node:http';
 *
 * createServer((_req, res) => {
 *   const before = res.getHeaders();
 *   res.setHeader('Cache-Control', 'max-age=60');
 *   restoreHeaders(res, before);
 *   res.end('without Cache-Control');
 * });
 */
export function restoreHeaders(res: ServerResponse, before: OutgoingHttpHeaders): void {
  for (const name of res.getHeaderNames()) if (!(name in before)) res.removeHeader(name);
  for (const [name, value] of Object.entries(before)) {
    // Setting a header again would change the spelling of its name.
    if (value !== undefined && res.getHeader(name) !== value) res.setHeader(name, value);
  }
}
