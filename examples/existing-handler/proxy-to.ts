import { request } from 'node:http';
import type { RequestHandler } from 'express';

/**
 * Forwards requests to another server, and responds with 502 when that server cannot be reached.
 * @param upstream - its origin, such as `http://127.0.0.1:3001`
 */
export function proxyTo(upstream: string): RequestHandler {
  return function proxy(req, res) {
    const forwarded = request(
      new URL(upstream + pathOf(req.url)),
      { method: req.method, headers: req.headers },
      (response) => {
        res.writeHead(response.statusCode ?? 502, response.statusMessage, response.headers);
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

/**
 * Removes the host that a request target may have (RFC 9112 section 3.2.2), so that a client cannot choose the server.
 */
function pathOf(target: string): string {
  return target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '').replace(/^(?!\/)/, '/');
}
