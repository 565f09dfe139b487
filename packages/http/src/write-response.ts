import { type IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import {
  type ApplicationHeaders,
  applicationHeaders,
  besideApplication,
  type ResponseMaker,
} from './application-headers.ts';
import { beforeHeadersAreFixed } from './before-headers-are-fixed.ts';
import { privateCacheControl, privateHeaders, targetedNames } from './private-headers.ts';
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
  /** Is called when a response became `private` because it carries a cookie; `createPrivateNotice` makes one. */
  readonly onMadePrivate?: (() => void) | undefined;
  /** The functions that the response had before it was watched. @default those of the response */
  readonly via?: Pick<ServerResponse, 'writeHead' | 'end'> | undefined;
}

const noOptions: WriteOptions = {};

type End = (this: ServerResponse, body?: Buffer | string) => unknown;

/**
 * Sends a response of Safelight beside the headers that the application has set; see `besideApplication`. A HEAD gets
 * the headers of the GET and no body (RFC 9110 section 9.3.2).
 * @throws {Error} as `res.writeHead` does: when headers were sent already, or cannot be sent
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
 * Writes only the head; the caller writes the body afterwards. A response that carries a cookie is sent as `private`,
 * also when a session sets the cookie while `writeHead` runs.
 * @throws {Error} as `res.writeHead` does: when headers were sent already, or cannot be sent
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
  if (isOfNode(write, res)) {
    const sent = carriesCookie(application, fields) ? privateHeaders(fields) : fields;
    // Called before the head is sent: when onError throws, no part of a response has been sent.
    if (sent !== fields) options.onMadePrivate?.();
    write.call(res, status, sent as OutgoingHttpHeaders);
  } else writeHeadOfOthers(res, status, fields, options);
}

function isOfNode(write: ServerResponse['writeHead'], res: ServerResponse): boolean {
  if (write === ServerResponse.prototype.writeHead) return true;
  // Responses of HTTP/2 have another prototype.
  return res.req?.httpVersionMajor === 2 && write === (Object.getPrototypeOf(res) as ServerResponse).writeHead;
}

function carriesCookie(application: ApplicationHeaders | undefined, headers: HeaderFields): boolean {
  return application?.hasCookie === true || headers['Set-Cookie'] !== undefined || headers['set-cookie'] !== undefined;
}

/**
 * Writes the head through a `writeHead` that a middleware has replaced (`on-headers`, used by sessions and
 * compression). It may set more headers before Node's own runs. So ours are set first, and the headers are checked
 * again at the last step.
 */
function writeHeadOfOthers(res: ServerResponse, status: number, headers: HeaderFields, options: WriteOptions): void {
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  beforeHeadersAreFixed(res, () => {
    if (res.hasHeader('set-cookie') && makePrivate(res, headers)) options.onMadePrivate?.();
  });
  (options.via ?? res).writeHead.call(res, status);
}

/** @returns whether a header was changed */
function makePrivate(res: ServerResponse, own: HeaderFields): boolean {
  const said = res.getHeader('cache-control');
  const cacheControl = privateCacheControl(said === undefined ? undefined : String(said));
  const names = targetedNames(own).filter((name) => res.hasHeader(name));
  if (said === cacheControl && names.length === 0) return false;
  res.setHeader('Cache-Control', cacheControl);
  for (const name of names) res.removeHeader(name);
  return true;
}
