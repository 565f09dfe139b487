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

/** A request target in origin-form. Targets that name no path (`*`, an authority) stay as they are. */
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

/** Of HTTP/2, where a request has a stream of its own, which may end while the connection lives on. */
function streamOf(req: IncomingMessage | undefined): Http2Stream | undefined {
  return req?.httpVersionMajor === 2 ? (req as unknown as { readonly stream: Http2Stream }).stream : undefined;
}

/** Whether nothing more can be sent, whoever ended it. A response that waits for its turn is not told of that end. */
export function isOver(res: ServerResponse): boolean {
  // Responses made for tests of routes may stand alone.
  const req = res.req as IncomingMessage | undefined;
  const stream = streamOf(req);
  if (stream !== undefined) return stream.closed || stream.destroyed;
  return res.destroyed || req?.socket.destroyed === true;
}

/** Whether a response has begun, or can no longer begin. */
export function isAnswered(res: ServerResponse): boolean {
  return res.headersSent || isOver(res);
}

/** Whether the whole response is out. Node ends streams that are cut off, so those too have finished. */
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
 * Whether a connection was destroyed on this side without an error, as Express does after a late `next(error)`. One that
 * the client ended, reset or spoilt has an end or an error, and a server that shuts down destroys them all. A stream of
 * HTTP/2 does not tell whose end it was, so it was not ours.
 */
export function destroyedByUs(req: IncomingMessage): boolean {
  if (streamOf(req) !== undefined) return false;
  const { socket } = req;
  const { server } = socket as { readonly server?: { readonly listening: boolean } };
  return socket.errored === null && !socket.readableEnded && server?.listening !== false;
}
