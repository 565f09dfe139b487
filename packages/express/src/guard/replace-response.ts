import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { restoreHeaders, type WholeResponse, type WriteOptions, writeResponse } from '@safelight/http';

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
  restoreHeaders(res, before);
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
