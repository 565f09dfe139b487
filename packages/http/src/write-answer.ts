import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type Answer, deliveryHeaders } from './respond.ts';

/** Puts an answer on the wire. A HEAD gets the headers of the GET and no body (RFC 9110 section 9.3.2). */
export function writeAnswer(req: IncomingMessage, res: ServerResponse, { status, headers, body }: Answer): void {
  res.writeHead(status, headers);
  if (req.method === 'HEAD' || body === undefined) res.end();
  else res.end(body);
}

const accessHeaders = Object.keys(deliveryHeaders).map((name) => [name, name.toLowerCase()] as const);

/**
 * Who may read an answer is for the application to say: what it has set for all its answers (`cors`, `helmet`) stays.
 * Else a page that may send credentials could read every picture and no error.
 */
export function besides<H extends OutgoingHttpHeaders>(isDecided: (lowerCaseName: string) => boolean, headers: H): H {
  let rest: H | undefined;
  for (const [name, lowerCase] of accessHeaders) {
    if (!isDecided(lowerCase)) continue;
    rest ??= { ...headers };
    delete rest[name];
  }
  return rest ?? headers;
}
