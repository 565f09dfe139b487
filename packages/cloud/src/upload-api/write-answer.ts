import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { jsonResponse, openToAll, preflightResponse, type WholeResponse, writeResponse } from '@safelight/http';
import { headerText } from '@safelight/protocol';
import type { ApiError } from './api-error.ts';
import { letFinish } from './let-finish.ts';

/** What an operation answers with: always status 200, the only success that the official SDKs accept. */
export type ApiAnswer = Readonly<Record<string, unknown>>;

const cors = openToAll(['X-Cld-Error', 'X-Request-Id', 'Retry-After']);

/** The ID that the application has given to a request, or a new one. */
export function requestIdOf(res: ServerResponse): string {
  const given = res.getHeader('x-request-id');
  return given === undefined ? randomBytes(16).toString('hex') : String(given);
}

export function writeAnswer(req: IncomingMessage, res: ServerResponse, requestId: string, answer: ApiAnswer): void {
  write(req, res, jsonResponse(200, answer, { headers: { ...cors, 'X-Request-Id': requestId } }));
}

export function writeError(req: IncomingMessage, res: ServerResponse, requestId: string, error: ApiError): void {
  const about = { 'X-Request-Id': requestId, 'X-Cld-Error': headerText(error.message) };
  const headers = { ...cors, ...error.headers, ...about };
  write(req, res, jsonResponse(error.status, { error: { message: error.message } }, { headers }));
}

export function writePreflight(req: IncomingMessage, res: ServerResponse, requestId: string): void {
  const response = preflightResponse({
    methods: ['GET', 'POST', 'OPTIONS'],
    requestHeaders: [
      'X-Requested-With',
      'Content-Type',
      'Authorization',
      'Idempotency-Key',
      'X-Unique-Upload-Id',
      'Content-Range',
    ],
    headers: { ...cors, 'X-Request-Id': requestId },
  });
  write(req, res, response);
}

function write(req: IncomingMessage, res: ServerResponse, response: WholeResponse): void {
  if (!res.headersSent && !res.destroyed) writeResponse(req, res, response);
  letFinish(req);
}
