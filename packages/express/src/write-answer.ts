import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from '@safelight/core';

/** Puts an answer on the wire. A HEAD gets the headers of the GET and no body (RFC 9110 section 9.3.2). */
export function writeAnswer(req: IncomingMessage, res: ServerResponse, { status, headers, body }: Answer): void {
  res.writeHead(status, headers);
  if (req.method === 'HEAD' || body === undefined) res.end();
  else res.end(body);
}
