import type { IncomingMessage, ServerResponse } from 'node:http';
import { jsonResponse, openToAll, preflightResponse, writeResponse } from '@safelight/http';
import type { ApiErrorBody, ApiResponses } from '@safelight/protocol';

/** The response to a request for a control route. */
export interface ControlResponse {
  readonly status: number;
  readonly body: ApiResponses['why' | 'asset_status' | 'received_parts' | 'openapi'] | ApiErrorBody;
  /** Seconds to wait before the next request. */
  readonly retryAfter?: number;
}

/** Returns an error response in the form of the upload API: `{ error: { message } }`. */
export function problemResponse(status: number, message: string): ControlResponse {
  return { status, body: { error: { message } } };
}

const headers = openToAll(['Retry-After']);

/** Allows pages of other origins to send key and secret, and the ID of an upload. */
const preflight = preflightResponse({
  methods: ['GET', 'HEAD', 'OPTIONS'],
  requestHeaders: ['Authorization', 'Accept', 'Content-Type', 'X-Requested-With', 'X-Unique-Upload-Id'],
  headers,
});

export function writeControlResponse(
  req: IncomingMessage,
  res: ServerResponse,
  { status, body, retryAfter }: ControlResponse,
): void {
  const wait = retryAfter === undefined ? {} : { 'Retry-After': retryAfter };
  writeResponse(req, res, jsonResponse(status, body, { headers: { ...headers, ...wait } }));
}

export function writeControlPreflight(req: IncomingMessage, res: ServerResponse): void {
  writeResponse(req, res, preflight);
}
