import type { HeaderFields } from './serve/representation.ts';
import type { WholeResponse } from './write-response.ts';

export interface JsonResponseOptions {
  /** @default none besides those of every JSON response */
  readonly headers?: HeaderFields;
  /** @default 'application/json; charset=utf-8' */
  readonly contentType?: string;
}

const jsonHeaders = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

/** A response with a JSON body, which no cache stores. */
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
  readonly methods: readonly string[];
  /** Names of the request headers that pages may send. */
  readonly requestHeaders: readonly string[];
  readonly headers: HeaderFields;
}

/** The response to a CORS preflight (Fetch standard, section 3.2.2). Chromium caches it for 2 hours at most. */
export function preflightResponse({ methods, requestHeaders, headers }: PreflightOptions): WholeResponse {
  const cors = {
    'Access-Control-Allow-Methods': methods.join(', '),
    'Access-Control-Allow-Headers': requestHeaders.join(', '),
    'Access-Control-Max-Age': '7200',
  };
  return { status: 204, headers: { ...jsonHeaders, ...headers, ...cors }, body: undefined };
}

/** Lets pages of every origin read a response of the API, with these of its headers. */
export function openToAll(exposed: readonly string[]): Readonly<Record<string, string>> {
  return { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': exposed.join(', ') };
}
