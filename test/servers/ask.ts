import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import type { Listening } from './servers.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly trailers: NodeJS.Dict<string>;
  readonly body: Buffer;
  readonly text: string;
  /** `false` when the connection ended before the body did. */
  readonly complete: boolean;
  readonly tookMs: number;
  /** The headers of the 1xx responses before. */
  readonly hints: readonly IncomingHttpHeaders[];
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

/** Every helper here sends the same `Host`: each host has failures of its own. */
function lowerCased(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Sends one request over a connection of its own. Rejects when there is no status line. */
export function ask({ port }: Listening, path: string, options: AskOptions = {}): Promise<Reply> {
  const { method = 'GET', headers = {}, body: sent } = options;
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const hints: IncomingHttpHeaders[] = [];
    const req = request({
      port,
      host: '127.0.0.1',
      path,
      method,
      headers: { host: 'a', ...lowerCased(headers) },
      agent: false,
    });
    req.on('information', (info) => hints.push(info.headers));
    req.once('error', reject);
    req.once('response', (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', () => {});
      res.once('close', () => {
        const body = Buffer.concat(chunks);
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers,
          rawHeaders: res.rawHeaders,
          trailers: res.trailers,
          body,
          text: body.toString(),
          complete: res.complete,
          tookMs: performance.now() - startedAt,
          hints,
        });
      });
    });
    req.end(sent);
  });
}

/** Sends bytes until the server closes the connection. @returns the received bytes, without dates */
export function exchange({ port }: Listening, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.once('close', () => resolve(withoutDate(Buffer.concat(chunks).toString('latin1'))));
    socket.write(text);
  });
}

function withoutDate(text: string): string {
  return text.replaceAll(/^(date|last-modified): .*$/gim, '$1: …');
}

/** Sends a request of a client that disconnects when `leave` is called. `gone` resolves when the connection is closed. */
export function askAndStay({ port }: Listening, path: string): { leave(): void; readonly gone: Promise<void> } {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  return {
    leave: () => socket.destroy(),
    gone: new Promise((resolve) => socket.once('close', () => resolve())),
  };
}

/** The rung in the `Server-Timing` of a response; `undefined` when it has none. */
export function rungOf({ headers }: Reply): number | undefined {
  const rung = /rung;desc="?(\d+)/.exec(String(headers['server-timing'] ?? ''))?.[1];
  return rung === undefined ? undefined : Number(rung);
}

/** Whether a response was held or cached. */
export function isHeld({ headers }: Reply): boolean {
  return /^safelight; ?hit/.test(String(headers['cache-status'] ?? ''));
}
