import { once } from 'node:events';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:http2';

export interface Request {
  readonly path: string;
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends one request over an HTTP/2 connection of its own. It has a `Host` header too, for the URLs of uploads. */
export async function askHttp2(port: number, { path, method = 'GET', headers, body }: Request): Promise<Reply> {
  const session = connect(`http://127.0.0.1:${port}`);
  try {
    const head = { ':path': path, ':method': method, host: `127.0.0.1:${port}`, ...headers };
    const stream = session.request(head, { endStream: body === undefined });
    let got: IncomingHttpHeaders & { ':status'?: number | undefined } = {};
    const chunks: Buffer[] = [];
    stream.on('response', (response) => {
      got = response;
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    if (body !== undefined) stream.end(body);
    await once(stream, 'close');
    const { ':status': status = 0, ...rest } = got;
    return { status, headers: rest, text: Buffer.concat(chunks).toString() };
  } finally {
    session.destroy();
  }
}
