import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { type WholeResponse, type WriteOptions, writeResponse } from '@safelight/http';

export interface ReplaceOptions extends WriteOptions {
  /** The headers that were set before the handler ran; those that the handler has set are taken back. */
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
    // What has not changed keeps the spelling of its name.
    if (value !== undefined && res.getHeader(name) !== value) res.setHeader(name, value);
  }
  if (req.httpVersionMajor < 2) res.statusMessage = '';
  writeResponse(req, res, response, options);
  // Unless a guard around this one is about to answer in its place.
  if (res.headersSent) ignoreLateHeaders(res);
}

/** A stream that is piped into a response which has ended would else wait for ever, with its file open. */
export function readToItsEnd(source: Readable): void {
  source.resume();
}

/** A handler that answers after its timeout would else throw where nothing catches it, and end the process. */
function ignoreLateHeaders(res: ServerResponse): void {
  const ignored = () => res;
  res.setHeader = ignored;
  res.appendHeader = ignored;
  res.setHeaders = ignored;
  res.removeHeader = ignored;
}
