import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { type WholeResponse, type WriteOptions, writeResponse } from '@safelight/http';

export interface ReplaceOptions extends WriteOptions {
  /** The headers that were set before the handler ran. The headers of the handler are removed. */
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
  // If an outer guard has withheld this response, no headers were sent, and the outer guard still sets headers.
  if (res.headersSent) ignoreLateHeaders(res);
}

/** Reads the rest of a stream. Otherwise a stream that is piped into an ended response keeps its file open forever. */
export function readToItsEnd(source: Readable): void {
  source.resume();
}

/**
 * Makes the functions that set headers do nothing. Otherwise a handler that responds after the timeout would cause an
 * uncaught exception, which ends the process.
 */
function ignoreLateHeaders(res: ServerResponse): void {
  const ignored = () => res;
  res.setHeader = ignored;
  res.appendHeader = ignored;
  res.setHeaders = ignored;
  res.removeHeader = ignored;
}
