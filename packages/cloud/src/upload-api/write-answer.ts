import type { IncomingMessage, ServerResponse } from 'node:http';
import { headerText } from '@safelight/protocol';
import type { ApiError } from './api-error.ts';
import { letFinish } from './let-finish.ts';

/** What an operation answers with: always status 200, the only success that the official SDKs accept. */
export type ApiAnswer = Readonly<Record<string, unknown>>;

const commonHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'X-Cld-Error, X-Request-Id, Retry-After',
};

export function writeAnswer(req: IncomingMessage, res: ServerResponse, requestId: string, answer: ApiAnswer): void {
  writeJson(req, res, 200, answer, { 'x-request-id': requestId });
}

export function writeError(req: IncomingMessage, res: ServerResponse, requestId: string, error: ApiError): void {
  writeJson(
    req,
    res,
    error.status,
    { error: { message: error.message } },
    { ...error.headers, 'x-request-id': requestId, 'x-cld-error': headerText(error.message) },
  );
}

/** Answers a CORS preflight (Fetch standard, section 3.2.2); Chromium keeps it for 2 hours at most. */
export function writePreflight(req: IncomingMessage, res: ServerResponse, requestId: string): void {
  res.writeHead(204, {
    ...commonHeaders,
    'x-request-id': requestId,
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers':
      'X-Requested-With, Content-Type, Authorization, Idempotency-Key, X-Unique-Upload-Id, Content-Range',
    'access-control-max-age': '7200',
  });
  res.end();
  letFinish(req);
}

function writeJson(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): void {
  if (!res.headersSent && !res.destroyed) {
    const bytes = Buffer.from(JSON.stringify(body), 'utf8');
    res.writeHead(status, {
      ...commonHeaders,
      ...headers,
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(bytes.length),
    });
    res.end(req.method === 'HEAD' ? undefined : bytes);
  }
  letFinish(req);
}
