import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  jsonResponse,
  openToAll,
  preflightResponse,
  type WholeResponse,
  writeHead,
  writeResponse,
} from '@safelight/http';
import { type AdminResponses, type ApiErrorBody, type ApiResponses, headerText } from '@safelight/protocol';
import type { ApiError } from './api-error.ts';
import type { PostRoute } from './api-route.ts';
import { letFinish } from './let-finish.ts';
import { rateLimitHeaderNames } from './rate-limit-headers.ts';

/** The body of a successful response. Its status is always 200, because the official SDKs accept no other success. */
export type ApiResponse = ApiResponses[PostRoute['operation']] | AdminResponses[keyof AdminResponses];

const requestHeaders = [
  'X-Requested-With',
  'Content-Type',
  'Authorization',
  'Idempotency-Key',
  'X-Unique-Upload-Id',
  'Content-Range',
];

const cors = openToAll(['X-Cld-Error', 'X-Request-Id', 'Retry-After', ...rateLimitHeaderNames]);

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
  const methods = ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'];
  const headers = { ...cors, 'X-Request-Id': requestId };
  write(req, res, () => preflightResponse({ methods, requestHeaders, headers }));
}

/** Writes a response if it can still be sent. */
function write(req: IncomingMessage, res: ServerResponse, responseOf: () => WholeResponse): void {
  if (res.headersSent || res.destroyed) return;
  const response = responseOf();
  if (req.complete || req.destroyed) writeResponse(req, res, response);
  else void writeBeforeEnd(req, res, response);
}

/**
 * Sends the whole response, and ends it when the request has ended: Node closes a connection with `Connection: close` at the
 * end of the response, and the bytes that the client still sends would then reset it.
 */
async function writeBeforeEnd(req: IncomingMessage, res: ServerResponse, response: WholeResponse): Promise<void> {
  writeHead(res, response.status, response.headers);
  if (response.body !== undefined) res.write(response.body);
  await letFinish(req);
  res.end();
}
