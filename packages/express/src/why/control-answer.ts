import type { IncomingMessage, ServerResponse } from 'node:http';

export interface ControlAnswer {
  readonly status: number;
  readonly body: object;
  /** Seconds after which it is worth to ask again. */
  readonly retryAfter?: number;
}

export function problem(status: number, message: string): ControlAnswer {
  return { status, body: { error: { message } } };
}

const commonHeaders = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Retry-After',
};

export function writeControlAnswer(
  req: IncomingMessage,
  res: ServerResponse,
  { status, body, retryAfter }: ControlAnswer,
): void {
  const text = `${JSON.stringify(body)}\n`;
  res.writeHead(status, {
    ...commonHeaders,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    ...(retryAfter === undefined ? {} : { 'Retry-After': retryAfter }),
  });
  res.end(req.method === 'HEAD' ? undefined : text);
}

/** Answers a CORS preflight: a page of another origin that sends key and secret asks first. */
export function writeControlPreflight(res: ServerResponse): void {
  res.writeHead(204, {
    ...commonHeaders,
    'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
    'Access-Control-Allow-Headers': 'Authorization, Accept, Content-Type, X-Requested-With',
    'Access-Control-Max-Age': '7200',
  });
  res.end();
}
