import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { type WholeResponse, type WriteOptions, writeResponse } from '@safelight/http';

export interface ReplaceOptions extends WriteOptions {
  /** The headers that were set before the handler ran; those that the handler has set are removed. */
  readonly before: OutgoingHttpHeaders;
}

/** Sends a response instead of the handler's. */
export function replaceResponse(
  req: IncomingMessage,
  res: ServerResponse,
  response: WholeResponse,
  { before, ...options }: ReplaceOptions,
): void {
  for (const name of res.getHeaderNames()) if (!(name in before)) res.removeHeader(name);
  for (const [name, value] of Object.entries(before)) {
    // Setting a header again would change the spelling of its name.
    if (value !== undefined && res.getHeader(name) !== value) res.setHeader(name, value);
  }
  if (req.httpVersionMajor < 2) res.statusMessage = '';
  writeResponse(req, res, response, options);
  // A guard around this one may have withheld the response and may still set headers.
  if (res.headersSent) ignoreLateHeaders(res);
}

/** Without it, a stream that is piped into an ended response would wait for ever, with its file open. */
export function readToItsEnd(source: Readable): void {
  source.resume();
}

/** Without it, a handler that responds after its timeout would cause an uncaught exception, which ends the process. */
function ignoreLateHeaders(res: ServerResponse): void {
  const ignored = () => res;
  res.setHeader = ignored;
  res.appendHeader = ignored;
  res.setHeaders = ignored;
  res.removeHeader = ignored;
}
