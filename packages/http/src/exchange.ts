import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2Stream } from 'node:http2';

/** Scheme and authority of an absolute-form request target (RFC 9112 section 3.2.2). */
const schemeAndAuthority = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i;

/**
 * The URL of a request as the client sent it, also below a mount point: path and query.
 * Every reader of a request's URL uses this or `urlBelowMount`, so that one resource has one name in both forms.
 */
export function requestUrl(req: IncomingMessage): string {
  return originForm((req as { originalUrl?: string }).originalUrl ?? req.url ?? '/');
}

/** The URL of a request below the place where its handler is mounted: path and query. */
export function urlBelowMount(req: IncomingMessage): string {
  return originForm(req.url ?? '/');
}

/** A request target in origin-form. Targets without a path (`*`, an authority) stay as they are. */
export function originForm(target: string): string {
  const origin = targetOrigin(target);
  if (origin === '') return target;
  const rest = target.slice(origin.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Scheme and authority of a request target; empty unless it is in absolute-form. */
export function targetOrigin(target: string): string {
  // Nearly every target begins with a slash.
  return target.startsWith('/') ? '' : (schemeAndAuthority.exec(target)?.[0] ?? '');
}

/** The stream of an HTTP/2 request, which may end while the connection stays open. `undefined` for HTTP/1. */
function streamOf(req: IncomingMessage | undefined): Http2Stream | undefined {
  return req?.httpVersionMajor === 2 ? (req as unknown as { readonly stream: Http2Stream }).stream : undefined;
}

/**
 * Whether nothing more can be sent, because either side has closed the connection or the stream. A pipelined response
 * that waits for an earlier one does not learn of that end, so the socket of the request is checked too.
 */
export function isOver(res: ServerResponse): boolean {
  // Responses that tests of routes make may have no request.
  const req = res.req as IncomingMessage | undefined;
  const stream = streamOf(req);
  if (stream !== undefined) return stream.closed || stream.destroyed;
  return res.destroyed || req?.socket.destroyed === true;
}

/** Whether a response has begun, or can no longer begin. */
export function hasResponded(res: ServerResponse): boolean {
  return res.headersSent || isOver(res);
}

/**
 * Whether the whole response was sent. `writableFinished` is not enough: Node ends a stream that was cut off, and then
 * it has finished too.
 */
export function isComplete(res: ServerResponse): boolean {
  return res.writableFinished && streamOf(res.req)?.aborted !== true;
}

/** A client that leaves ends or resets the connection; a connection destroyed by us shows neither. */
export function clientLeft(req: IncomingMessage): boolean {
  const { socket } = req;
  const code = (socket.errored as NodeJS.ErrnoException | null)?.code;
  return socket.readableEnded || code === 'ECONNRESET' || code === 'EPIPE';
}

/**
 * Whether a connection was destroyed on this side without an error, as Express does after a late `next(error)`. A
 * connection that the client ended, reset or broke has an end or an error, and a server that shuts down destroys all of
 * them. An HTTP/2 stream does not tell which side ended it, so the result is `false`.
 */
export function destroyedByUs(req: IncomingMessage): boolean {
  if (streamOf(req) !== undefined) return false;
  const { socket } = req;
  const { server } = socket as { readonly server?: { readonly listening: boolean } };
  return socket.errored === null && !socket.readableEnded && server?.listening !== false;
}
