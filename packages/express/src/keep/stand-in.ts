import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type WireHead, WireReader } from './wire-reader.ts';

export interface StandIn<Req = IncomingMessage, Res = ServerResponse> {
  readonly req: Req;
  readonly res: Res;
  /** What the handler writes, from the first byte of the body on. Breaks off when the handler does. */
  readonly body: WireReader;
  /** Rejects when the handler breaks off before its status line. */
  readonly head: Promise<WireHead>;
  /** What the handler has added for after the body. */
  readonly trailers: () => OutgoingHttpHeaders;
}

/**
 * A request and a response for a handler whose answer is not for one client alone: it asks for all of the picture
 * unconditionally, and goes on when the client has left. Real ones, made by Node, with everything that frameworks and
 * middleware have put on the client's: handlers of inner applications change their prototypes.
 * @param added - fields that the handler is to see beside, or instead of, the client's
 */
export function createStandIn<Req extends IncomingMessage, Res extends ServerResponse>(
  req: Req,
  res: Res,
  added: Readonly<Record<string, string>>,
): StandIn<Req, Res> {
  const ownReq = standInRequest(req, added);
  const ownRes = standInResponse(ownReq, res);
  const body = new WireReader();
  const head = new Promise<WireHead>((resolve, reject) => {
    body.once('head', resolve);
    body.once('close', () => reject(new Error('The handler ended its response before the status line.')));
  });
  // Whoever runs the handler hears of it otherwise too.
  head.catch(() => {});
  body.on('information', (information: WireHead) => passInformationOn(information, res));
  body.on('error', () => {});
  body.on('drain', () => ownRes.emit('drain'));
  ownRes.assignSocket(body as never);
  ownRes.once('finish', () => body.end());
  (ownReq as { res?: unknown }).res = ownRes;
  let trailers: OutgoingHttpHeaders = {};
  ownRes.addTrailers = (added) => {
    trailers = { ...trailers, ...(added as OutgoingHttpHeaders) };
  };
  return { req: ownReq, res: ownRes, body, head, trailers: () => trailers };
}

/** Hints are for the one who waits for the answer; whoever comes later gets the answer itself. */
function passInformationOn({ status, headers }: WireHead, res: ServerResponse): void {
  if (res.headersSent || res.destroyed) return;
  if (status === 100) res.writeContinue();
  else if (status === 102) res.writeProcessing();
  else if (status === 103) {
    const hints: Record<string, string[]> = {};
    for (const [name, value] of headers) hints[name] = [...(hints[name] ?? []), value];
    res.writeEarlyHints(hints);
  }
}

/** Fields that ask for less than the whole, or for nothing if it is known already. */
const partial = new Set(['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range', 'range']);

function standInRequest<Req extends IncomingMessage>(req: Req, added: Readonly<Record<string, string>>): Req {
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
  const kept: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (!partial.has(name.toLowerCase())) kept.push(name, rawHeaders[i + 1] as string);
  }
  return [...kept, ...Object.entries(added).flat()];
}

function standInResponse<Res extends ServerResponse>(req: IncomingMessage, res: Res): Res {
  const own = new ServerResponse(req);
  Object.setPrototypeOf(own, Object.getPrototypeOf(res));
  // What other middleware has put in place of these would write to the client.
  const keys = Object.keys(res).filter((key) => !(key in ServerResponse.prototype));
  copyMissing(res, own, keys);
  own.statusCode = res.statusCode;
  for (const [name, value] of Object.entries(res.getHeaders())) if (value !== undefined) own.setHeader(name, value);
  own.sendDate = false;
  own.shouldKeepAlive = false;
  // The body is to come as it is, also where the handler itself asks for chunks.
  Object.defineProperty(own, 'chunkedEncoding', { get: () => false, set: () => {} });
  Object.defineProperty(own, 'writableNeedDrain', {
    get: () => !own.writableEnded && own.socket?.writableNeedDrain === true,
  });
  return own as Res;
}

function copyMissing(from: object, to: object, keys: readonly PropertyKey[]): void {
  for (const key of keys) {
    if (Object.hasOwn(to, key)) continue;
    Object.defineProperty(to, key, Object.getOwnPropertyDescriptor(from, key) as PropertyDescriptor);
  }
}
