import { type IncomingHttpHeaders, request } from 'node:http';
import type { RequestHandler } from 'express';

/**
 * Forwards requests to another server, and responds with 502 when that server cannot be reached.
 * @param upstream - its origin, such as `http://127.0.0.1:3001`
 */
export function proxyTo(upstream: string): RequestHandler {
  return function proxy(req, res) {
    const forwarded = request(
      new URL(upstream + pathOf(req.url)),
      { method: req.method, headers: forwardedFields(req.headers) },
      (response) => {
        try {
          res.writeHead(response.statusCode ?? 502, forwardedFields(response.headers));
        } catch {
          // Node refuses to send this status or this field.
          res.writeHead(502).end('The picture server is down');
          return void response.destroy();
        }
        response.pipe(res);
        response.once('error', () => res.destroy());
      },
    );
    forwarded.once('error', () => {
      if (!res.headersSent) res.writeHead(502).end('The picture server is down');
    });
    res.once('close', () => forwarded.destroy());
    req.pipe(forwarded);
  };
}

/** Fields of one connection (RFC 9110 section 7.6.1), and announcements of trailers, which are not forwarded. */
const ofConnection = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade', 'expect'];
/** They say where the body ends, and for which site the request is; `Connection` must not remove them. */
const alwaysForwarded = ['content-length', 'transfer-encoding', 'host'];

/** Without the fields of the connection: Node ends the process when it sends a `Trailer` that it cannot use. */
function forwardedFields(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const left = new Set([...ofConnection, ...named.filter((name) => !alwaysForwarded.includes(name))]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !left.has(name)));
}

/**
 * Removes the host that a request target may have (RFC 9112 section 3.2.2), so that a client cannot choose the server.
 */
function pathOf(target: string): string {
  return target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '').replace(/^(?!\/)/, '/');
}
