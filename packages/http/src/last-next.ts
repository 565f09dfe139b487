import type { IncomingMessage, ServerResponse } from 'node:http';
import { statusOf } from '@safelight/core';
import type { Next } from './request-handler.ts';
import { writeResponse } from './write-response.ts';

/**
 * What `next` does in plain `node:http`, where no framework passes one: 404 for a request that was passed on, and the
 * status of the error, or 500, for an error.
 */
export function lastNext(req: IncomingMessage, res: ServerResponse, onError: (error: unknown) => void): Next {
  return function next(error) {
    const status = error ? (statusOf(error) ?? 500) : 404;
    if (status >= 500) onError(error);
    if (res.headersSent) {
      // The client must not take a part of the body for the whole.
      if (!res.writableEnded) res.destroy();
      return;
    }
    const body = status === 404 ? 'Not found\n' : status < 500 ? 'Bad request\n' : 'Internal server error\n';
    const headers = { 'Cache-Control': 'no-store', 'Content-Type': 'text/plain; charset=utf-8' };
    writeResponse(req, res, { status, headers: { ...headers, 'Content-Length': body.length }, body });
  };
}
