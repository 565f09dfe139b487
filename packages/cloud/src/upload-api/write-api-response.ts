import type { IncomingMessage, ServerResponse } from 'node:http';
import { jsonResponse, openToAll, preflightResponse, type WholeResponse, writeResponse } from '@safelight/http';
import { type ApiErrorBody, type ApiResponses, headerText } from '@safelight/protocol';
import type { ApiError } from './api-error.ts';
import type { FoundRoute } from './api-route.ts';

/** The body of a successful response. Its status is always 200, because the official SDKs accept no other success. */
export type ApiResponse = ApiResponses[FoundOperation];

type FoundOperation = Extract<FoundRoute, { readonly method: string }>['operation'];

const requestHeaders = [
  'X-Requested-With',
  'Content-Type',
  'Authorization',
  'Idempotency-Key',
  'X-Unique-Upload-Id',
  'Content-Range',
];

const cors = openToAll(['X-Cld-Error', 'X-Request-Id', 'Retry-After']);

export function writeApiResponse(
  req: IncomingMessage,
  res: ServerResponse,
  requestId: string,
  response: ApiResponse,
): void {
  write(req, res, () => jsonResponse(200, response, { headers: { ...cors, 'X-Request-Id': requestId } }));
}

export function writeError(req: IncomingMessage, res: ServerResponse, requestId: string, error: ApiError): void {
  const ownHeaders = { 'X-Request-Id': requestId, 'X-Cld-Error': headerText(error.message) };
  const headers = { ...cors, ...error.headers, ...ownHeaders };
  const body: ApiErrorBody = { error: { message: error.message } };
  write(req, res, () => jsonResponse(error.status, body, { headers }));
}

export function writePreflight(req: IncomingMessage, res: ServerResponse, requestId: string): void {
  const methods = ['GET', 'POST', 'OPTIONS'];
  const headers = { ...cors, 'X-Request-Id': requestId };
  write(req, res, () => preflightResponse({ methods, requestHeaders, headers }));
}

/** Writes a response if it can still be sent. */
function write(req: IncomingMessage, res: ServerResponse, responseOf: () => WholeResponse): void {
  if (!res.headersSent && !res.destroyed) writeResponse(req, res, responseOf());
  if (!req.complete && !req.destroyed) letFinish(req);
}

export interface LetFinishLimits {
  /** The longest time without a byte, in milliseconds. @default 5_000 */
  readonly idleMs?: number;
  /** The longest time for the whole rest of the request, in milliseconds. @default 60_000 */
  readonly totalMs?: number;
}

/**
 * Reads and discards the rest of an incomplete request after its response. If the connection were closed at once, it
 * would be reset, and most clients would lose the response: some read it only after they have sent the whole request.
 */
export function letFinish(req: IncomingMessage, { idleMs = 5_000, totalMs = 60_000 }: LetFinishLimits = {}): void {
  const end = (): void => {
    req.destroy();
  };
  const idle = setTimeout(end, idleMs).unref();
  const total = setTimeout(end, totalMs).unref();
  req.on('error', () => undefined);
  req.on('data', () => idle.refresh());
  req.on('close', () => {
    clearTimeout(idle);
    clearTimeout(total);
  });
  req.resume();
}
