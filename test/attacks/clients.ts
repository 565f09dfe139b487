import { once } from 'node:events';
import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2, constants, createServer as createHttp2 } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';

/** What a client sends. Without fields, this is what a polite client sends. */
export interface Sent {
  readonly method?: string;
  /** The request target for a path. @default the path */
  readonly target?: (path: string) => string;
  /** @default '1.1' */
  readonly version?: '1.0';
  /** The `Host` of HTTP/1, and the `:authority` of HTTP/2. `null`: none. @default 'a' */
  readonly authority?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Disconnects instead of waiting for the response. */
  readonly leaves?: 'after 100 Continue' | 'when the handler runs';
}

export interface Reply {
  /** 0 when the client has left, or when the server closed the connection. */
  readonly status: number;
  readonly text: string;
  readonly isHit: boolean;
}

export type Listener = (req: IncomingMessage, res: ServerResponse) => void;

/** A server for many sites. The first segment of a path names the site. */
export interface Host {
  readonly sites: Map<string, Listener>;
  /** @param isRunning - resolves when the handler runs, for clients that leave then */
  send(path: string, sent: Sent, isRunning: Promise<void>): Promise<Reply>;
  close(): Promise<void>;
}

function byPath(sites: ReadonlyMap<string, Listener>): Listener {
  return (req, res) => {
    const name = /^(?:https?:\/\/[^/]*)?\/([^/?]*)/i.exec(req.url ?? '')?.[1] ?? '';
    const site = sites.get(name);
    if (site === undefined) res.writeHead(500).end('no site');
    else site(req, res);
  };
}

const isHit = (cacheStatus: unknown) => /^safelight; ?hit/.test(String(cacheStatus));
const left: Reply = { status: 0, text: '', isHit: false };

export async function startHttp1(): Promise<Host> {
  const sites = new Map<string, Listener>();
  const server = createHttp1(byPath(sites));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    sites,
    send: (path, sent, isRunning) => sendHttp1(port, path, sent, isRunning),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Writes the bytes itself, because `http.request` refuses or completes many of these requests. */
export async function sendHttp1(port: number, path: string, sent: Sent, isRunning: Promise<void>): Promise<Reply> {
  const { method = 'GET', target = (same) => same, version = '1.1', authority = 'a', headers = {}, body = '' } = sent;
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  socket.on('error', () => {});
  const fields = Object.entries({
    ...(authority === null ? {} : { Host: authority }),
    Connection: 'close',
    ...headers,
  });
  const lines = [`${method} ${target(path)} HTTP/${version}`, ...fields.map(([name, value]) => `${name}: ${value}`)];
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  let received = '';
  socket.on('data', (text: string) => {
    received += text;
  });
  if (sent.leaves !== undefined) {
    if (sent.leaves === 'after 100 Continue') await once(socket, 'data');
    await isRunning;
    socket.destroy();
    return left;
  }
  await once(socket, 'close');
  return readHttp1(received);
}

function readHttp1(received: string): Reply {
  const final = received.replace(/^HTTP\/1\.1 1\d\d [\s\S]*?\r\n\r\n/, '');
  const [head = '', ...rest] = final.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  const isChunked = /^transfer-encoding: chunked/im.test(head);
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0),
    text: isChunked ? body.replaceAll(/(?:^|\r\n)[\da-f]+\r\n(?:\r\n$)?/gi, '') : body,
    isHit: isHit(/^cache-status: (.*)$/im.exec(head)?.[1]),
  };
}

export async function startHttp2(): Promise<Host> {
  const sites = new Map<string, Listener>();
  const listener = byPath(sites);
  const server = createHttp2((req, res) =>
    // The compatibility API has other types, but all members that a handler uses.
    listener(req as unknown as IncomingMessage, res as unknown as ServerResponse),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  session.on('error', () => {});
  return {
    sites,
    send: (path, sent, isRunning) => sendHttp2(session, path, sent, isRunning),
    close: async () => {
      session.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

async function sendHttp2(
  session: ClientHttp2Session,
  path: string,
  { method = 'GET', authority = 'a', headers = {}, body, leaves }: Sent,
  isRunning: Promise<void>,
): Promise<Reply> {
  const names = { ':method': method, ':path': path, ':authority': authority ?? '' };
  const stream = session.request({ ...names, ...headers }, { endStream: body === undefined && leaves === undefined });
  stream.on('error', () => {});
  if (leaves !== undefined) {
    if (leaves === 'after 100 Continue') await once(stream, 'continue');
    await isRunning;
    stream.close(constants.NGHTTP2_CANCEL);
    return left;
  }
  let status = 0;
  let cacheStatus: unknown;
  let text = '';
  stream.on('response', (got) => {
    status = got[':status'] ?? 0;
    cacheStatus = got['cache-status'];
  });
  stream.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  if (body !== undefined) stream.end(body);
  await once(stream, 'close');
  return { status, text, isHit: isHit(cacheStatus) };
}
