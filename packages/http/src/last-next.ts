import type { IncomingMessage, ServerResponse } from 'node:http';
import { statusOf } from '@safelight/core';
import type { Next } from './request-handler.ts';
import { writeResponse } from './write-response.ts';

/**
 * Makes the `next` for plain `node:http`, where no framework gives one. `next()` sends 404. `next(error)` sends the
 * `status` or `statusCode` of the error (400 to 599), or 500. When the headers were already sent, it destroys an
 * unfinished response.
 *
 * @param onError - gets the errors with a status of 500 or more
 * @example
 * import { createServer } from 'node:http';
 * import type { RequestHandler } from '@safelight/http';
 *
 * const handler: RequestHandler = (req, res, next) => (req.url === '/' ? res.end('home') : next());
 * createServer((req, res) => handler(req, res, lastNext(req, res, console.error)));
 */
export function lastNext(req: IncomingMessage, res: ServerResponse, onError: (error: unknown) => void): Next {
  return function next(error) {
    const status = error ? (statusOf(error) ?? 500) : 404;
    if (status >= 500) onError(error);
    if (res.headersSent) {
      // Otherwise the client would take a part of the body for the whole.
      if (!res.writableEnded) res.destroy();
      return;
    }
    const body = status === 404 ? 'Not found\n' : status < 500 ? 'Bad request\n' : 'Internal server error\n';
    const headers = { 'Cache-Control': 'no-store', 'Content-Type': 'text/plain; charset=utf-8' };
    writeResponse(req, res, { status, headers: { ...headers, 'Content-Length': body.length }, body });
  };
}
