import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { RequestHandler } from '@safelight/http';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { Pool } from 'undici';
import { ask } from '../servers/ask.ts';
import { casesOfRun } from '../servers/cases-of-run.ts';
import { scene } from '../servers/scene.ts';
import { closeServers, connect, type Framework, frameworks, serve } from '../servers/servers.ts';
import { sendHttp1 } from './clients.ts';

interface HttpProxy {
  web(req: IncomingMessage, res: ServerResponse, options: object, onError: (error: Error) => void): void;
}

const httpProxy = createRequire(import.meta.url)('http-proxy') as { createProxyServer(options: object): HttpProxy };

/** A server that reads bytes as an HTTP server does: a request ends with its head, or with the body that it announces. */
class Upstream {
  readonly requests: { readonly line: string; readonly head: string; readonly body: string }[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((socket) => {
      let rest = '';
      socket.setEncoding('latin1');
      socket.on('error', () => {});
      socket.on('data', (text: string) => {
        rest += text;
        for (;;) {
          const end = rest.indexOf('\r\n\r\n');
          if (end === -1) return;
          const head = rest.slice(0, end);
          const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
          const isChunked = /^transfer-encoding: *chunked/im.test(head);
          const bodyEnd = isChunked ? rest.indexOf('0\r\n\r\n', end + 4) + 5 : end + 4 + length;
          if (rest.length < bodyEnd || bodyEnd < end + 4) return;
          const line = head.split('\r\n', 1)[0] ?? '';
          this.requests.push({ line, head, body: rest.slice(end + 4, bodyEnd) });
          rest = rest.slice(bodyEnd);
          const path = line.split(' ')[1] ?? '';
          socket.write(
            `HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Type: text/plain\r\nContent-Length: ${path.length}\r\n\r\n${path}`,
          );
        }
      });
    });
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
  }
}

/** All requests of a handler share one connection, as behind a busy proxy. */
const oneConnection = () => new Agent({ keepAlive: true, maxSockets: 1 });

/** Handlers that pass a request on to a server. */
const handlers: Readonly<Record<string, (port: number, agent: Agent) => RequestHandler>> = {
  'http-proxy': (port, agent) => {
    const proxy = httpProxy.createProxyServer({ target: `http://127.0.0.1:${port}`, agent });
    return (req, res, next) => proxy.web(req, res, {}, next);
  },
  'http-proxy-middleware': (port, agent) =>
    createProxyMiddleware({ target: `http://127.0.0.1:${port}`, agent }) as unknown as RequestHandler,
  // It refuses fields of the connection.
  undici: (port) => {
    const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 1 });
    return async (req, res) => {
      const { statusCode, headers, body } = await pool.request({
        path: req.url ?? '/',
        method: 'GET',
        headers: req.headers,
      });
      res.writeHead(statusCode, headers as OutgoingHttpHeaders);
      body.pipe(res);
    };
  },
  // As applications write it: all fields go on, and the body does not.
  'a request with the same fields': (port, agent) => (req, res, next) => {
    const { url = '/', headers } = req;
    const upstream = request({ port, host: '127.0.0.1', path: url, headers, agent }, (response) => {
      res.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(res);
    });
    upstream.once('error', next);
    upstream.end();
  },
};

const evil = 'GET /evil HTTP/1.1\r\nHost: a\r\n\r\n';
const fieldNames = [
  ...['content-length', 'content-type', 'content-encoding', 'transfer-encoding', 'connection', 'keep-alive', 'x-hop'],
  ...['te', 'proxy-connection', 'expect', 'trailer', 'upgrade'],
];

/** Requests that may lead a run, with fields of the message; the last ones announce a body. */
const attacks: readonly { readonly headers: Readonly<Record<string, string>>; readonly body?: string }[] = [
  { headers: { te: 'trailers', 'content-type': 'text/plain', 'content-encoding': 'gzip' } },
  { headers: { 'x-hop': '1', 'keep-alive': 'timeout=9', 'proxy-connection': 'close', 'content-length': '0' } },
  { headers: { 'content-length': String(evil.length) }, body: evil },
  {
    headers: { 'transfer-encoding': 'chunked' },
    body: `${evil.length.toString(16)}\r\n${evil}\r\n0\r\n\r\n`,
  },
];

const ofMessage =
  /^(?:te|content-(?!length: 0)[\w-]+|keep-alive|proxy-connection|expect|trailer|upgrade|transfer-encoding):/im;

describe('a handler that passes requests on, around which responses are cached', () => {
  afterEach(closeServers);

  const places: readonly Framework[] = casesOfRun([...frameworks, connect]);
  for (const framework of places) {
    for (const [name, handlerOf] of Object.entries(handlers)) {
      for (const options of [{}, { forward: fieldNames }, { vary: fieldNames }]) {
        const how = Object.keys(options)[0] ?? 'no option';
        it(`never sends a part of one request as another: ${name}, ${how} that names the fields, ${framework.name}`, async () => {
          const upstream = new Upstream();
          const agent = oneConnection();
          try {
            const handler = handlerOf(await upstream.listen(), agent);
            const guard = scene().safelight.guard(handler, { cache: true, ...options });
            const server = await serve(framework, guard);
            for (const [i, sent] of attacks.entries()) {
              // A handler that sends the fields on without the body breaks its own connection, with and without a guard.
              if (sent.body !== undefined && !name.startsWith('http-proxy')) continue;
              await sendHttp1(server.port, `/cat${i}`, sent, Promise.resolve());
              const polite = await ask(server, `/dog${i}`);
              assert.deepEqual([polite.status, polite.text], [200, `/dog${i}`]);
            }
            const lines = upstream.requests.map(({ line }) => line);
            assert.ok(!lines.some((line) => line.includes('evil')), lines.join('; '));
            for (const { line, head, body } of upstream.requests) {
              if (body === '') assert.doesNotMatch(head, ofMessage, line);
            }
          } finally {
            agent.destroy();
            upstream.close();
          }
        });
      }
    }
  }
});
