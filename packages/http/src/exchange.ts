import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2Stream } from 'node:http2';
import { fieldText } from './reuse/response-head.ts';

/** Scheme and authority of an absolute-form request target (RFC 9112 section 3.2.2). */
const schemeAndAuthority = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i;

/**
 * The path and query of a request as the client sent them, also inside a mounted handler. Read each URL of a request with
 * this function or `urlBelowMount`: then one resource has one name in origin-form and in absolute-form.
 *
 * @example
 * import type { RequestHandler } from 'express';
 *
 * const echo: RequestHandler = (req, res) => void res.end(requestUrl(req)); // '/media/cat.png?w=1', mounted at '/media'
 */
export function requestUrl(req: IncomingMessage): string {
  return originForm((req as { originalUrl?: string }).originalUrl ?? req.url ?? '/');
}

/**
 * The path and query of a request below the path at which its handler is mounted.
 *
 * @example
 * import type { RequestHandler } from 'express';
 *
 * const echo: RequestHandler = (req, res) => void res.end(urlBelowMount(req)); // '/cat.png?w=1', mounted at '/media'
 */
export function urlBelowMount(req: IncomingMessage): string {
  return originForm(req.url ?? '/');
}

/**
 * A request target in origin-form (RFC 9112 section 3.2.1). Targets without a path (`*`, an authority) stay as they are.
 *
 * @example
 * originForm('http://example.org/cat.png?w=1'); // '/cat.png?w=1'
 * originForm('/cat.png'); // '/cat.png'
 */
export function originForm(target: string): string {
  const origin = targetOrigin(target);
  if (origin === '') return target;
  const rest = target.slice(origin.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/**
 * The scheme and the authority of a request target in absolute-form (RFC 9112 section 3.2.2); '' for other forms.
 *
 * @example
 * targetOrigin('http://example.org/cat.png'); // 'http://example.org'
 * targetOrigin('/cat.png'); // ''
 */
export function targetOrigin(target: string): string {
  // Nearly every target begins with a slash, and this test is faster than the pattern.
  return target.startsWith('/') ? '' : (schemeAndAuthority.exec(target)?.[0] ?? '');
}

/** The stream of an HTTP/2 request, which may end while the connection stays open. `undefined` for HTTP/1. */
function streamOf(req: IncomingMessage | undefined): Http2Stream | undefined {
  return req?.httpVersionMajor === 2 ? (req as unknown as { readonly stream: Http2Stream }).stream : undefined;
}

/**
 * Whether nothing more can be sent, because the client or this server has closed the connection or the stream. A
 * pipelined response that waits for an earlier one is not told of the end, so the socket of the request is checked too.
 *
 * @example
 * import { createServer } from 'node:http';
 *
 * createServer((_req, res) => {
 *   setTimeout(() => isOver(res) || res.end('late'), 1000);
 * });
 */
export function isOver(res: ServerResponse): boolean {
  // A response that a test constructs may have no request.
  const req = res.req as IncomingMessage | undefined;
  const stream = streamOf(req);
  if (stream !== undefined) return stream.closed || stream.destroyed;
  return res.destroyed || req?.socket.destroyed === true;
}

/**
 * Whether a response has begun, or cannot begin any more because the connection is closed.
 *
 * @example
 * import { createServer } from 'node:http';
 *
 * createServer((_req, res) => {
 *   if (!hasResponded(res)) res.writeHead(404).end();
 * });
 */
export function hasResponded(res: ServerResponse): boolean {
  return res.headersSent || isOver(res);
}

/**
 * Whether the whole response was sent. `writableFinished` alone does not tell: it is also true for an HTTP/2 stream that
 * was cut off, because Node ends such a stream.
 *
 * @example
 * import { createServer } from 'node:http';
 *
 * createServer((_req, res) => {
 *   res.once('close', () => console.log(isComplete(res) ? 'sent' : 'broken off'));
 *   res.end('cat');
 * });
 */
export function isComplete(res: ServerResponse): boolean {
  return res.writableFinished && streamOf(res.req)?.aborted !== true;
}

/**
 * Whether the client closed the connection: it ended or reset it. A connection that this process destroyed shows
 * neither.
 *
 * @example
 * import { createServer } from 'node:http';
 *
 * createServer((req, res) => {
 *   res.once('close', () => clientLeft(req) && console.log('The client closed the connection.'));
 * });
 */
export function clientLeft(req: IncomingMessage): boolean {
  const { socket } = req;
  const code = (socket.errored as NodeJS.ErrnoException | null)?.code;
  return socket.readableEnded || code === 'ECONNRESET' || code === 'EPIPE';
}

/**
 * Whether this process destroyed the connection without an error, as Express does after a late `next(error)`. The
 * result is `false` when the client ended or reset the connection, and when the server is shutting down. It is also
 * `false` for HTTP/2, because a stream does not tell which side ended it.
 *
 * @example
 * import { createServer } from 'node:http';
 *
 * createServer((req, res) => {
 *   res.once('close', () => destroyedByUs(req) && console.log('The application broke the response off.'));
 * });
 */
export function destroyedByUs(req: IncomingMessage): boolean {
  if (streamOf(req) !== undefined) return false;
  const { socket } = req;
  const { server } = socket as { readonly server?: { readonly listening: boolean } };
  return socket.errored === null && !socket.readableEnded && server?.listening !== false;
}

/**
 * Whether the application has told Express to trust the sender of this request (`trust proxy`). Without Express no sender is
 * trusted.
 *
 * @example
 * import { createServer } from 'node:http';
 *
 * createServer((req, res) => res.end(String(trustsProxy(req)))); // 'false'
 */
export function trustsProxy(req: IncomingMessage): boolean {
  const { app } = req as { readonly app?: { get?(setting: string): unknown } };
  const trusts = app?.get?.('trust proxy fn');
  return typeof trusts === 'function' && trusts(req.socket.remoteAddress, 0) === true;
}

/**
 * The first value of a field that a trusted proxy has set.
 *
 * @returns `undefined` when the request has no such field, or its sender is not trusted
 * @example
 * import { createServer } from 'node:http';
 *
 * createServer((req, res) => res.end(forwardedValue(req, 'x-forwarded-proto') ?? 'http'));
 */
export function forwardedValue(
  req: IncomingMessage,
  name: 'x-forwarded-host' | 'x-forwarded-proto',
): string | undefined {
  if (req.headers[name] === undefined || !trustsProxy(req)) return undefined;
  return fieldText(req.headers, name)?.split(',', 1)[0]?.trim().toLowerCase();
}
