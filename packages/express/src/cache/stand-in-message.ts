import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http';

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

/** @param addedHeaders - fields that replace the client's, or are added to them */
export function standInRequest<Req extends IncomingMessage>(
  req: Req,
  addedHeaders: Readonly<Record<string, string>>,
): Req {
  const own = new IncomingMessage(req.socket);
  Object.setPrototypeOf(own, Object.getPrototypeOf(req));
  copyMissing(req, own, Reflect.ownKeys(req));
  own.method = 'GET';
  own.url = req.url ?? '/';
  own.httpVersion = req.httpVersion;
  own.httpVersionMajor = req.httpVersionMajor;
  own.httpVersionMinor = req.httpVersionMinor;
  own.headers = { ...req.headers, ...addedHeaders };
  for (const name of partialFields) if (!(name in addedHeaders)) delete own.headers[name];
  own.rawHeaders = rawHeadersOf(req, addedHeaders);
  own.complete = true;
  own.push(null);
  return own as Req;
}

function rawHeadersOf({ rawHeaders }: IncomingMessage, addedHeaders: Readonly<Record<string, string>>): string[] {
  const remaining: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (!partialFields.has(name.toLowerCase())) remaining.push(name, rawHeaders[i + 1] as string);
  }
  return [...remaining, ...Object.entries(addedHeaders).flat()];
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
