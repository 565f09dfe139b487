import { request } from 'node:http';
import type { RequestHandler } from 'express';

/**
 * Passes requests on to another server, and answers 502 when it cannot be reached.
 * @param upstream - its origin, such as `http://127.0.0.1:3001`
 */
export function proxyTo(upstream: string): RequestHandler {
  return function proxy(req, res) {
    const asked = request(
      new URL(upstream + pathOf(req.url)),
      { method: req.method, headers: req.headers },
      (response) => {
        res.writeHead(response.statusCode ?? 502, response.statusMessage, response.headers);
        response.pipe(res);
        response.once('error', () => res.destroy());
      },
    );
    asked.once('error', () => {
      if (!res.headersSent) res.writeHead(502).end('The picture server is down');
    });
    res.once('close', () => asked.destroy());
    req.pipe(asked);
  };
}

/**
 * Without the host that a request target may name (RFC 9112 section 3.2.2): a client must not choose the other server.
 */
function pathOf(target: string): string {
  return target.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '').replace(/^(?!\/)/, '/');
}
