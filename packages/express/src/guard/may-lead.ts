import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';

const maxHeaderBytes = 8192;
/** A colon, a space and the end of the line. */
const separatorBytes = 4;

/** Request fields that ask for something besides the picture. Their names do not depend on the handler. */
const unusual: readonly string[] = [
  ...['expect', 'upgrade', 'trailer'],
  ...['x-http-method-override', 'x-http-method', 'x-method-override'],
];

/**
 * Whether a request may begin or join a run. The failure of a run is held for other requests, so the request must not be
 * the cause of the failure itself: a request with a body, with another method or protocol in its fields, or with more
 * than 8 kB of fields (which many servers refuse) may not. A HEAD may not, because many handlers refuse HEAD but serve
 * GET. A request target in absolute-form may not, because many handlers take it for a path. A `Connection` that names
 * fields of the request may not: a proxy behind the guard removes them (RFC 9110 section 7.6.1).
 *
 * Such a request still gets what is held or cached.
 *
 * @param vary - fields with values that are part of the target's variant; their bytes do not count
 */
export function mayLead(req: IncomingMessage, vary: ReadonlySet<string>): boolean {
  if (req.method === 'HEAD' || !isOriginForm(req)) return false;
  const { headers } = req;
  for (const name of unusual) if (headers[name] !== undefined) return false;
  const { te, connection } = headers;
  if (te !== undefined && te !== 'trailers') return false;
  if (connection !== undefined && !/^(?:close|keep-alive|te|[ \t,])*$/i.test(connection)) return false;
  return !hasBody(req) && headerBytes(req, vary) <= maxHeaderBytes;
}

/** Express removes the path of a mount from `url`. */
function isOriginForm(req: IncomingMessage): boolean {
  const { originalUrl, url = '/' } = req as { readonly originalUrl?: string; readonly url?: string };
  return (originalUrl ?? url).startsWith('/');
}

function hasBody(req: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = req.headers;
  if (encoding !== undefined || (length !== undefined && length !== '0')) return true;
  // An HTTP/2 request may have a body without a field that says so.
  return req.httpVersionMajor === 2 && !(req as unknown as Http2ServerRequest).stream.endAfterHeaders;
}

function headerBytes({ rawHeaders }: IncomingMessage, vary: ReadonlySet<string>): number {
  let bytes = 0;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = [rawHeaders[i], rawHeaders[i + 1]];
    if (vary.size === 0 || !vary.has(name.toLowerCase())) bytes += name.length + value.length + separatorBytes;
  }
  return bytes;
}
