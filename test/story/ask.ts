import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Asker {
  /** Sends the path unchanged, and only the given headers. */
  ask(path: string, options?: AskOptions): Promise<Reply>;
  /** Sends many requests over one connection. @returns the number of responses by status */
  askMany(heads: readonly string[]): Promise<ReadonlyMap<number, number>>;
  close(): void;
}

export function asker(port: number): Asker {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 50 });
  return {
    ask: (path, { method = 'GET', headers = {}, signal } = {}) =>
      new Promise((resolve, reject) => {
        const options = { host: '127.0.0.1', port, path, method, headers, agent, ...(signal ? { signal } : {}) };
        const asked = request(options, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const body = Buffer.concat(chunks);
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body, text: body.toString() });
          });
        });
        asked.on('error', reject);
        asked.end();
      }),

    askMany: (heads) =>
      new Promise((resolve, reject) => {
        const counts = new Map<number, number>();
        let rest = '';
        const socket = connect(port, '127.0.0.1');
        socket.setEncoding('latin1');
        socket.on('data', (chunk: string) => {
          const text = rest + chunk;
          let end = 0;
          for (const match of text.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
            const status = Number(match[1]);
            counts.set(status, (counts.get(status) ?? 0) + 1);
            end = match.index + match[0].length;
          }
          // A status line of 13 characters may be cut at any place.
          rest = text.slice(Math.max(end, text.length - 12));
        });
        socket.on('error', reject);
        socket.on('close', () => resolve(counts));
        const last = heads.length - 1;
        const lines = heads.map((head, n) => `${head}\r\nHost: h${n === last ? '\r\nConnection: close' : ''}\r\n\r\n`);
        socket.write(lines.join(''));
      }),

    close: () => agent.destroy(),
  };
}
