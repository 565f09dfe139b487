import { type IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import {
  type ApplicationHeaders,
  applicationHeaders,
  besideApplication,
  type ResponseMaker,
} from './application-headers.ts';
import { beforeHeadersAreFixed } from './before-headers-are-fixed.ts';
import { privateCacheControl, privateHeaders, targetedNames } from './private-headers.ts';
import { restoreHeaders } from './restore-headers.ts';
import type { HeaderFields } from './serve/representation.ts';

/** A response with its body in memory. */
export interface WholeResponse {
  readonly status: number;
  readonly headers: HeaderFields;
  readonly body: Buffer | string | undefined;
}

export interface WriteOptions {
  /** @default 'safelight' */
  readonly madeBy?: ResponseMaker | undefined;
  /** Is called when a response becomes `private` because it carries a cookie. `createPrivateNotice` makes one. */
  readonly onMadePrivate?: (() => void) | undefined;
  /** The functions that the response had before Safelight replaced them. @default those of the response */
  readonly via?: Pick<ServerResponse, 'writeHead' | 'end'> | undefined;
}

const noOptions: WriteOptions = {};

type End = (this: ServerResponse, body?: Buffer | string) => unknown;

/**
 * Sends a response and respects the headers that the application has set before (the README has the rules). A HEAD gets
 * the headers of the GET and no body (RFC 9110 section 9.3.2).
 *
 * @throws {Error} as `res.writeHead` does: when headers were sent already, or a header has an invalid value
 * @example
 * import { createServer } from 'node:http';
 *
 * createServer((req, res) => {
 *   const headers = { 'Cache-Control': 'public, max-age=60', 'Content-Type': 'text/plain' };
 *   writeResponse(req, res, { status: 200, headers, body: 'cat' });
 * });
 */
export function writeResponse(
  req: IncomingMessage,
  res: ServerResponse,
  { status, headers, body }: WholeResponse,
  options: WriteOptions = noOptions,
): void {
  writeHead(res, status, headers, options);
  const end: End = (options.via ?? res).end;
  if (req.method === 'HEAD' || body === undefined) end.call(res);
  else end.call(res, body);
}

/**
 * Writes only the head, by the same rules as `writeResponse`; the caller writes the body afterwards. A response that
 * carries a cookie is sent as `private`, also when a session sets the cookie while `writeHead` runs.
 *
 * @throws {Error} as `res.writeHead` does: when headers were sent already, or a header has an invalid value
 * @example
 * import { createServer } from 'node:http';
 *
 * createServer((_req, res) => {
 *   writeHead(res, 200, { 'Content-Type': 'text/plain' });
 *   res.end('cat');
 * });
 */
export function writeHead(
  res: ServerResponse,
  status: number,
  headers: HeaderFields,
  options: WriteOptions = noOptions,
): void {
  const { writeHead: write } = options.via ?? res;
  const application = applicationHeaders(res);
  const fields = application === undefined ? headers : besideApplication(application, headers, options.madeBy);
  if (isNodesOwn(write, res)) {
    const sent = carriesCookie(application, fields) ? privateHeaders(fields) : fields;
    // Before the head is sent: when the callback throws, the application can still respond.
    if (sent !== fields) options.onMadePrivate?.();
    write.call(res, status, sent as OutgoingHttpHeaders);
  } else writeHeadThroughMiddleware(res, status, fields, options);
}

function isNodesOwn(write: ServerResponse['writeHead'], res: ServerResponse): boolean {
  if (write === ServerResponse.prototype.writeHead) return true;
  // Responses of HTTP/2 have another prototype.
  return res.req?.httpVersionMajor === 2 && write === (Object.getPrototypeOf(res) as ServerResponse).writeHead;
}

function carriesCookie(application: ApplicationHeaders | undefined, headers: HeaderFields): boolean {
  return application?.hasCookie === true || headers['Set-Cookie'] !== undefined || headers['set-cookie'] !== undefined;
}

/**
 * Writes the head through a `writeHead` that a middleware has replaced, as `on-headers` does for sessions and
 * compression. Such a function may set more headers before Node's own runs. So our headers are set first, and all
 * headers are checked once more just before Node reads them.
 */
function writeHeadThroughMiddleware(
  res: ServerResponse,
  status: number,
  headers: HeaderFields,
  options: WriteOptions,
): void {
  const before = res.getHeaders();
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  beforeHeadersAreFixed(res, () => {
    if (res.hasHeader('set-cookie') && makePrivate(res, headers)) options.onMadePrivate?.();
  });
  try {
    (options.via ?? res).writeHead.call(res, status);
  } catch (error) {
    // The response that the application sends instead must not have these fields, above all no lifetime.
    if (!res.headersSent) restoreHeaders(res, before);
    throw error;
  }
}

/** @returns whether a header was changed */
function makePrivate(res: ServerResponse, own: HeaderFields): boolean {
  const before = res.getHeader('cache-control');
  const cacheControl = privateCacheControl(before === undefined ? undefined : String(before));
  const names = targetedNames(own).filter((name) => res.hasHeader(name));
  if (before === cacheControl && names.length === 0) return false;
  res.setHeader('Cache-Control', cacheControl);
  for (const name of names) res.removeHeader(name);
  return true;
}
