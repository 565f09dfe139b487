import { createHash } from 'node:crypto';
import { connect } from 'node:net';

/** A response. Its body was read piece by piece and not held in memory. */
export interface LargeReading {
  readonly status: number;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

export interface ReadOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Disconnects after this number of bytes of the body. @default never */
  readonly leaveAfter?: number;
  /** Called for each piece; reading continues when it has settled. */
  readonly onPiece?: (bytes: number) => Promise<void> | void;
}

/** Reads with `fetch`. @throws {Error} when the body breaks off */
export async function readLarge(
  url: string,
  { method = 'GET', headers = {}, leaveAfter = Number.POSITIVE_INFINITY, onPiece = () => {} }: ReadOptions = {},
): Promise<LargeReading> {
  const response = await fetch(url, { method, headers });
  const body = digest();
  for await (const piece of response.body ?? []) {
    body.take(piece);
    await onPiece(body.bytes());
    if (body.bytes() >= leaveAfter) break;
  }
  return { status: response.status, headers: Object.fromEntries(response.headers), ...body.result() };
}

/** Reads over a socket, as HTTP/1.0: the body ends with the connection. */
export async function readLargeByHand(
  url: string,
  { headers = {}, onPiece = () => {} }: Pick<ReadOptions, 'headers' | 'onPiece'> = {},
): Promise<LargeReading> {
  const { host, hostname, port, pathname, search } = new URL(url);
  const socket = connect(Number(port), hostname);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${pathname}${search} HTTP/1.0\r\nHost: ${host}\r\n${lines.join('')}\r\n`);
  const body = digest();
  let head = Buffer.alloc(0);
  let isHead = true;
  for await (const piece of socket as AsyncIterable<Buffer>) {
    if (isHead) {
      head = Buffer.concat([head, piece]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) continue;
      isHead = false;
      body.take(head.subarray(end + 4));
      head = head.subarray(0, end);
    } else body.take(piece);
    await onPiece(body.bytes());
  }
  const [statusLine = '', ...fields] = head.toString('latin1').split('\r\n');
  const named = fields
    .map((field) => field.split(/:\s*/, 2))
    .map(([name = '', value = '']) => [name.toLowerCase(), value]);
  return { status: Number(statusLine.split(' ')[1]), headers: Object.fromEntries(named), ...body.result() };
}

function digest() {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    take(piece: Uint8Array): void {
      hash.update(piece);
      bytes += piece.length;
    },
    bytes: () => bytes,
    result: () => ({ bytes, sha256: hash.digest('hex') }),
  };
}
