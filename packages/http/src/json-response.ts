import type { HeaderFields } from './serve/representation.ts';
import type { WholeResponse } from './write-response.ts';

export interface JsonResponseOptions {
  /** @default none besides those of every JSON response */
  readonly headers?: HeaderFields;
  /** @default 'application/json; charset=utf-8' */
  readonly contentType?: string;
}

const jsonHeaders = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

/**
 * A response with a JSON body, which no cache may store.
 *
 * @example
 * const { headers, body } = jsonResponse(404, { error: { message: 'Not found' } });
 * headers['Cache-Control']; // 'no-store'
 * body; // '{"error":{"message":"Not found"}}\n'
 */
export function jsonResponse(
  status: number,
  value: object,
  { headers = {}, contentType = 'application/json; charset=utf-8' }: JsonResponseOptions = {},
): WholeResponse {
  // A string, not a buffer: Node sends it in one piece with the head.
  const body = `${JSON.stringify(value)}\n`;
  const content = { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) };
  return { status, headers: { ...jsonHeaders, ...headers, ...content }, body };
}

export interface PreflightOptions {
  /** The methods that pages may use. */
  readonly methods: readonly string[];
  /** Names of the request headers that pages may send. */
  readonly requestHeaders: readonly string[];
  /** More headers, such as those of `openToAll`. */
  readonly headers: HeaderFields;
}

/**
 * The response to a CORS preflight (Fetch standard, section 3.2.2). Browsers may cache it for 2 hours, the longest time
 * that Chromium allows.
 *
 * @example
 * const headers = openToAll(['Retry-After']);
 * const response = preflightResponse({ methods: ['GET'], requestHeaders: ['Authorization'], headers });
 * response.headers['Access-Control-Allow-Methods']; // 'GET'
 */
export function preflightResponse({ methods, requestHeaders, headers }: PreflightOptions): WholeResponse {
  const cors = {
    'Access-Control-Allow-Methods': methods.join(', '),
    'Access-Control-Allow-Headers': requestHeaders.join(', '),
    'Access-Control-Max-Age': '7200',
  };
  return { status: 204, headers: { ...jsonHeaders, ...headers, ...cors }, body: undefined };
}

/**
 * Headers that let pages of every origin read a response.
 *
 * @param exposed - names of the response headers that the pages may read
 * @example
 * openToAll(['Retry-After']); // { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'Retry-After' }
 */
export function openToAll(exposed: readonly string[]): Readonly<Record<string, string>> {
  return { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': exposed.join(', ') };
}
