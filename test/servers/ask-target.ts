import { exchange } from './ask.ts';
import type { Listening } from './servers.ts';

export interface TargetReply {
  /** 0 when the server closed the connection without a response. */
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/**
 * Writes a request line unchanged, so that its target may have any form of RFC 9112 section 3.2.
 *
 * @param line - method and target: `GET http://example.org/cat`
 * @param rest - further header lines and the body: `Content-Length: 1\r\n\r\nx`
 */
export async function askTarget(server: Listening, line: string, rest = '\r\n'): Promise<TargetReply> {
  const received = await exchange(
    server,
    `${line} HTTP/1.1\r\nHost: pictures.example:8080\r\nConnection: close\r\n${rest}`,
  );
  const [head = '', ...bodies] = received.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = lines.map(
    (text) => [text.split(':', 1)[0]?.toLowerCase() ?? '', text.replace(/^[^:]*:\s*/, '')] as const,
  );
  return { status: Number(first.split(' ')[1] ?? 0), headers: new Map(headers), body: bodies.join('\r\n\r\n') };
}

/** Whether a response is a hit in the cache. */
export function isHit({ headers }: TargetReply): boolean {
  return /^safelight; ?hit/.test(headers.get('cache-status') ?? '');
}

/** Request lines without a path, or unreadable ones. No server may crash on them. */
export const oddRequestLines: readonly string[] = [
  ...['OPTIONS *', 'GET *', 'HEAD *', 'GET http://', 'GET http://example.org', 'GET http://example.org?w=1'],
  ...['GET http:///cat', 'GET http://?', 'GET http://u:p@[::1]:9/', 'GET x://y//', 'GET //', 'GET //example.org/cat'],
  ...['CONNECT example.org:443', 'CONNECT *', 'GET cat', 'GET ?', 'GET http:cat', 'GET mailto:cat', 'GET :80', 'GET'],
  ...['OPTIONS http://example.org', 'PUT http://example.org', 'GET http://example.org/%', 'GET http://%/#'],
];
