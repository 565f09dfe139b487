import { request } from 'node:http';
import type { RequestHandler } from 'express';

/** Hands requests on to another server, and says 502 when nobody is there. */
export function proxyTo(upstream: string): RequestHandler {
  return function proxy(req, res) {
    const asked = request(new URL(req.url, upstream), { method: req.method, headers: req.headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.headers);
      answer.pipe(res);
      answer.once('error', () => res.destroy());
    });
    asked.once('error', () => {
      if (!res.headersSent) res.writeHead(502).end('The picture server is down');
    });
    res.once('close', () => asked.destroy());
    req.pipe(asked);
  };
}
