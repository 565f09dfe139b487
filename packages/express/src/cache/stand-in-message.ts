import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** What the application has put on a response before the handler sees it. */
export interface ResponseBase {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | string[]>>;
}

/** Call it before anything is written: later the response has the status and headers of what was written. */
export function baseOf(res: ServerResponse): ResponseBase {
  return { status: res.statusCode, headers: listsCopied(res.getHeaders()) };
}

/** Conditional and range fields: with them the response might not be the whole picture. */
const partial = new Set(['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range', 'range']);

/** @param added - fields that it has besides, or instead of, the client's */
export function standInRequest<Req extends IncomingMessage>(req: Req, added: Readonly<Record<string, string>>): Req {
  const own = new IncomingMessage(req.socket);
  Object.setPrototypeOf(own, Object.getPrototypeOf(req));
  copyMissing(req, own, Reflect.ownKeys(req));
  own.method = 'GET';
  own.url = req.url ?? '/';
  own.httpVersion = req.httpVersion;
  own.httpVersionMajor = req.httpVersionMajor;
  own.httpVersionMinor = req.httpVersionMinor;
  own.headers = { ...req.headers, ...added };
  for (const name of partial) if (!(name in added)) delete own.headers[name];
  own.rawHeaders = rawHeadersOf(req, added);
  own.complete = true;
  own.push(null);
  return own as Req;
}

function rawHeadersOf({ rawHeaders }: IncomingMessage, added: Readonly<Record<string, string>>): string[] {
  const cached: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (!partial.has(name.toLowerCase())) cached.push(name, rawHeaders[i + 1] as string);
  }
  return [...cached, ...Object.entries(added).flat()];
}

export function standInResponse<Res extends ServerResponse>(req: IncomingMessage, res: Res, base: ResponseBase): Res {
  const own = new ServerResponse(req);
  const prototype = Object.getPrototypeOf(res) as object;
  Object.setPrototypeOf(own, prototype);
  // Functions that middleware has put in place of the response's own would write to the client.
  const keys = Object.keys(res).filter((key) => !(key in prototype));
  copyMissing(res, own, keys);
  own.statusCode = base.status;
  for (const [name, value] of Object.entries(listsCopied(base.headers))) own.setHeader(name, value);
  own.sendDate = false;
  own.shouldKeepAlive = false;
  // The head may announce chunks and trailers; the body is read without that framing all the same.
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

/** A handler that passes a request on may have set properties or headers for the next handler. */
export function handBack(
  standIn: { readonly req: IncomingMessage; readonly res: ServerResponse },
  req: IncomingMessage,
  res: ServerResponse,
): void {
  req.url = standIn.req.url ?? '/';
  const ofNode = new Set([...Object.keys(new IncomingMessage(req.socket)), ...Object.keys(new ServerResponse(req))]);
  const left = (from: object) => Object.keys(from).filter((key) => !ofNode.has(key) && key !== 'res' && key !== 'next');
  for (const key of left(standIn.req)) copy(standIn.req, req, key);
  for (const key of left(standIn.res)) if (!(key in res)) copy(standIn.res, res, key);
  res.statusCode = standIn.res.statusCode;
  const headers = standIn.res.getHeaders();
  for (const name of res.getHeaderNames()) if (headers[name] === undefined) res.removeHeader(name);
  for (const [name, value] of Object.entries(headers)) {
    // A header that has not changed keeps the spelling of its name.
    if (value !== undefined && String(value) !== String(res.getHeader(name))) res.setHeader(name, value);
  }
}

/** Copies, because `appendHeader` changes the arrays that `setHeader` took and that `getHeaders` returns. */
function listsCopied(headers: OutgoingHttpHeaders): ResponseBase['headers'] {
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
