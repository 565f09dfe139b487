import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  /** The pieces of the body. */
  readonly pieces?: readonly Buffer[];
  /** Between two pieces, in milliseconds. */
  readonly pauseMs?: number;
  /** After this time the client leaves, in milliseconds. */
  readonly timeoutMs: number;
}

export interface Response {
  readonly startedAt: number;
  readonly endedAt: number;
  /** `undefined`: no complete response has arrived. */
  readonly status: number | undefined;
  /** Whether the time of the client was over. */
  readonly hasLeft: boolean;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** All calls have this host, because each host has its own failures. */
const host = 'pictures.test';

/** Sends a request over a connection of its own. Never rejects. */
export function send(
  port: number,
  { method, path, headers, pieces = [], pauseMs = 0, timeoutMs }: Call,
): Promise<Response> {
  const startedAt = Date.now();
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const none = { status: undefined, headers: {}, body: Buffer.alloc(0) };
    const end = (response: Partial<Response> = {}): void =>
      resolve({ startedAt, endedAt: Date.now(), hasLeft: signal.aborted, ...none, ...response });
    const length = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const fields = { host, ...(method === 'POST' ? { 'content-length': length } : {}), ...headers };
    const call = request({ port, host: '127.0.0.1', method, path, headers: fields, agent: false, signal });
    call.on('error', () => end());
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => end());
      response.on('close', () => {
        if (!response.complete) return end();
        end({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) });
      });
    });
    void write();

    async function write(): Promise<void> {
      for (const [index, piece] of pieces.entries()) {
        if (index > 0 && pauseMs > 0) await wait(pauseMs);
        call.write(piece);
      }
      call.end();
    }
  });
}
