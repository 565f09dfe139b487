import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { trustsProxy } from '@safelight/http';

/** Status and headers that the application has set on a response before the handler runs. */
export interface InitialHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | string[]>>;
}

/** Call it before a response is written: writing sets other status and headers. */
export function initialHeadOf(res: ServerResponse): InitialHead {
  return { status: res.statusCode, headers: listsCopied(res.getHeaders()) };
}

/** Conditional and range fields. With them the response might not be the whole picture. */
const partialFields = new Set([
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
  'range',
]);

/** Fields that select a response by the abilities of a client, and those of a trace. */
const negotiated =
  /^(?:host|accept|accept-(?:charset|encoding|language)|sec-ch-.+|dpr|viewport-width|width|device-memory|save-data|traceparent|tracestate)$/;

/**
 * Fields of one message, one connection or a body. A handler that sent them on would announce a body that never comes. A
 * request with other names in `Connection` has no stand-in (`mayLead`).
 */
const ofMessage =
  /^(?:connection|keep-alive|proxy-connection|transfer-encoding|content-.+|expect|trailer|te|upgrade|http2-settings)$/;

/** The fields that a run for all clients sees. */
export interface StandInFields {
  /** Fields that replace the client's, or are added to them. */
  readonly added: Readonly<Record<string, string>>;
  /** Whether it sees a field besides those that select a response; the name is in lower case. */
  readonly forwards: (name: string) => boolean;
}

/**
 * A request for the whole picture, without the fields that identify a client: its response is for all clients. What
 * middleware has set on the request, such as `req.user`, is on it too.
 */
export function standInRequest<Req extends IncomingMessage>(req: Req, fields: StandInFields): Req {
  const own = new IncomingMessage(req.socket);
  Object.setPrototypeOf(own, Object.getPrototypeOf(req));
  copyMissing(req, own, Reflect.ownKeys(req));
  own.method = 'GET';
  own.url = req.url ?? '/';
  own.httpVersion = req.httpVersion;
  own.httpVersionMajor = req.httpVersionMajor;
  own.httpVersionMinor = req.httpVersionMinor;
  const isSeen = (name: string) =>
    (negotiated.test(name) || fields.forwards(name) || isTrustedForwarding(req, name)) &&
    !(partialFields.has(name) || ofMessage.test(name));
  const seen = Object.entries(req.headers).filter(([name]) => isSeen(name));
  own.headers = { ...Object.fromEntries(seen), ...fields.added };
  own.rawHeaders = rawHeadersOf(req, isSeen, fields.added);
  own.complete = true;
  own.push(null);
  return own as Req;
}

/** Behind a proxy that Express trusts, these two are the scheme and the host of the URL. */
function isTrustedForwarding(req: IncomingMessage, name: string): boolean {
  return (name === 'x-forwarded-proto' || name === 'x-forwarded-host') && trustsProxy(req);
}

function rawHeadersOf(
  { rawHeaders }: IncomingMessage,
  isSeen: (name: string) => boolean,
  added: StandInFields['added'],
): string[] {
  const remaining: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (isSeen(name.toLowerCase())) remaining.push(name, rawHeaders[i + 1] as string);
  }
  return [...remaining, ...Object.entries(added).flat()];
}

export function standInResponse<Res extends ServerResponse>(req: IncomingMessage, res: Res, initial: InitialHead): Res {
  const own = new ServerResponse(req);
  const prototype = Object.getPrototypeOf(res) as object;
  Object.setPrototypeOf(own, prototype);
  // Functions with which middleware has replaced the response's own would write to the client.
  const keys = Object.keys(res).filter((key) => !(key in prototype));
  copyMissing(res, own, keys);
  own.statusCode = initial.status;
  for (const [name, value] of Object.entries(listsCopied(initial.headers))) own.setHeader(name, value);
  own.sendDate = false;
  own.shouldKeepAlive = false;
  // The head may announce chunks and trailers, but the body must be written without that framing.
  let isChunked = false;
  Object.defineProperty(own, 'chunkedEncoding', {
    get: () => isChunked && !own.headersSent,
    set: (chunked: boolean) => {
      isChunked = chunked;
    },
  });
  Object.defineProperty(own, 'writableNeedDrain', {
    get: () => !own.writableEnded && own.socket?.writableNeedDrain === true,
  });
  return own as Res;
}

/**
 * Copies the stand-in's properties, headers, status and URL to the client's request and response: a handler that passes
 * the request on may have set them for the next handler.
 */
export function handBack(
  standIn: { readonly req: IncomingMessage; readonly res: ServerResponse },
  req: IncomingMessage,
  res: ServerResponse,
): void {
  req.url = standIn.req.url ?? '/';
  const ofNode = new Set([...Object.keys(new IncomingMessage(req.socket)), ...Object.keys(new ServerResponse(req))]);
  const addedKeys = (from: object) =>
    Object.keys(from).filter((key) => !ofNode.has(key) && key !== 'res' && key !== 'next');
  for (const key of addedKeys(standIn.req)) copy(standIn.req, req, key);
  for (const key of addedKeys(standIn.res)) if (!(key in res)) copy(standIn.res, res, key);
  res.statusCode = standIn.res.statusCode;
  const headers = standIn.res.getHeaders();
  for (const name of res.getHeaderNames()) if (headers[name] === undefined) res.removeHeader(name);
  for (const [name, value] of Object.entries(headers)) {
    // Setting a header again would change the spelling of its name.
    if (value !== undefined && String(value) !== String(res.getHeader(name))) res.setHeader(name, value);
  }
}

/** Copies, because `appendHeader` changes the arrays that `setHeader` took and that `getHeaders` returns. */
function listsCopied(headers: OutgoingHttpHeaders): InitialHead['headers'] {
  const copied: Record<string, string | number | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) copied[name] = Array.isArray(value) ? [...value] : value;
  }
  return copied;
}

function copyMissing(from: object, to: object, keys: readonly PropertyKey[]): void {
  for (const key of keys) if (!Object.hasOwn(to, key)) copy(from, to, key);
}

function copy(from: object, to: object, key: PropertyKey): void {
  Object.defineProperty(to, key, Object.getOwnPropertyDescriptor(from, key) as PropertyDescriptor);
}
