import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RequestHandler } from '@safelight/http';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { responders } from './ways-to-respond.ts';

interface Reply {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly text: string;
}

const servers: Http2Server[] = [];
const sessions: ClientHttp2Session[] = [];

/** Serves one handler. A request that it passes on gets `404 nobody`; an error ends the stream. */
async function open(handler: RequestHandler): Promise<ClientHttp2Session> {
  const server = createServer((req, res) => {
    // The compatibility API has other types, but all members that a handler uses.
    handler(req as unknown as IncomingMessage, res as unknown as ServerResponse, (error) => {
      if (error) res.stream.destroy();
      else res.writeHead(404).end('nobody');
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  session.on('error', () => {});
  sessions.push(session);
  return session;
}

async function closeAll(): Promise<void> {
  for (const session of sessions.splice(0)) session.destroy();
  for (const server of servers.splice(0)) {
    server.close();
    await once(server, 'close');
  }
}

function send(session: ClientHttp2Session, method: string, path = '/cat'): ClientHttp2Stream {
  const stream = session.request({ ':path': path, ':method': method });
  stream.on('error', () => {});
  return stream;
}

async function ask(session: ClientHttp2Session, method = 'GET', path = '/cat'): Promise<Reply> {
  const stream = send(session, method, path);
  let headers: IncomingHttpHeaders & IncomingHttpStatusHeader = {};
  let trailers: IncomingHttpHeaders = {};
  const chunks: Buffer[] = [];
  stream.on('response', (got) => {
    headers = got;
  });
  stream.on('trailers', (got) => {
    trailers = got;
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'close');
  const { ':status': status, date: _date, 'last-modified': _modified, ...rest } = headers;
  return { status, headers: rest, trailers, text: Buffer.concat(chunks).toString('latin1') };
}

/** A picture that never ends. */
function endless(): Readable {
  return new Readable({
    read() {
      this.push(Buffer.alloc(65_536, 'x'));
    },
  });
}

/** The ways to end one request while the connection stays open. */
const leavings: Readonly<Record<string, number>> = {
  cancel: constants.NGHTTP2_CANCEL,
  'reset with an error': constants.NGHTTP2_INTERNAL_ERROR,
};

describe('guard: over HTTP/2', () => {
  afterEach(closeAll);

  for (const [what, respond] of Object.entries(responders)) {
    // In HTTP/2 a refused header or a write after the end ends the stream, and there are no reason phrases.
    if (/refused|after the end|reason/.test(what)) continue;
    it(`a success is unchanged: ${what}`, async () => {
      const handler: RequestHandler = async (req, res) => void (await respond(res, req));
      const [bare, guarded] = [await open(handler), await open(scene().safelight.guard(handler))];
      for (const method of ['GET', 'HEAD']) assert.deepEqual(await ask(guarded, method), await ask(bare, method));
    });
  }

  it('holds a failure, and does not use reason phrases', async () => {
    const { safelight } = scene();
    const work = counted((_req, res) => void res.writeHead(404, { 'x-mine': '1' }).end('mine'));
    const guarded = safelight.guard(work);
    let isAsked = false;
    const session = await open((req, res, next) => {
      // Node warns about each use of a reason phrase.
      const touch = () => {
        isAsked = true;
        return '';
      };
      Object.defineProperty(res, 'statusMessage', { get: touch, set: touch });
      return guarded(req, res, next);
    });
    for (const source of ['fwd=uri-miss', 'hit']) {
      const reply = await ask(session);
      assert.deepEqual([reply.status, reply.headers['x-mine']], [404, undefined]);
      assert.match(String(reply.headers['cache-status']), new RegExp(`^safelight; ?${source}`));
      assert.match(reply.text, /^Not found/);
    }
    assert.deepEqual([work.runs, isAsked], [1, false]);
  });

  for (const [how, code] of Object.entries(leavings)) {
    it(`after a client disconnects before the status line (${how}), the next request runs at once`, async () => {
      const { safelight, faults } = scene({ timeoutMs: 60_000 });
      const started = Promise.withResolvers<void>();
      let runs = 0;
      const session = await open(
        safelight.guard((_req, res) => {
          runs += 1;
          if (runs > 1) res.end('cat');
          else started.resolve();
        }),
      );
      const leaving = send(session, 'GET');
      await started.promise;
      const waiting = ask(session);
      leaving.close(code);
      assert.equal((await waiting).text, 'cat');
      assert.deepEqual([runs, faults], [2, []]);
      assert.equal((await safelight.why('/cat')).cached, false);
    });

    const handlers: Readonly<Record<string, RequestHandler>> = {
      'an awaited pipeline': (_req, res) => pipeline(endless(), res),
      'a pipe that is destroyed with the request': (req, res) => {
        req.once('aborted', () => res.destroy(new Error('aborted')));
        endless().pipe(res);
      },
      'work that gives up with its client': async (_req, res) => {
        res.writeHead(200).write('half');
        await once(res, 'close');
        throw new Error('gone');
      },
    };
    for (const [what, handler] of Object.entries(handlers)) {
      it(`a client that disconnects in the middle (${how}) is not a failure of the picture: ${what}`, async () => {
        const { safelight } = scene();
        const ended = Promise.withResolvers<void>();
        const session = await open(
          safelight.guard((req, res, next) => {
            res.once('close', () => setImmediate(ended.resolve));
            return handler(req, res, next);
          }),
        );
        const leaving = send(session, 'GET');
        await once(leaving, 'data');
        leaving.close(code);
        await ended.promise;
        const { verdict, cached } = await safelight.why('/cat');
        assert.deepEqual({ verdict, cached }, { verdict: 'unknown', cached: false });
      });
    }
  }

  it('a handler that rejects because its client disconnected is not a failure of the picture', async () => {
    const { safelight } = scene();
    const ended = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const session = await open(
      safelight.guard(async (_req, res) => {
        started.resolve();
        res.once('close', () => setImmediate(ended.resolve));
        await once(res, 'close');
        throw new Error('gone');
      }),
    );
    const leaving = send(session, 'GET');
    await started.promise;
    leaving.close(constants.NGHTTP2_CANCEL);
    await ended.promise;
    assert.equal((await safelight.why('/cat')).cached, false);
  });

  const breakers: Readonly<Record<string, RequestHandler>> = {
    'destroys its response': (_req, res) => void res.destroy(),
    rejects: async () => {
      throw new Error('half');
    },
  };
  for (const [what, breakOff] of Object.entries(breakers)) {
    it(`half a body, then ${what}: the failure is held`, async () => {
      const { safelight } = scene();
      const session = await open(
        safelight.guard(async (req, res, next) => {
          await new Promise<void>((resolve) => res.write('half', () => resolve()));
          await breakOff(req, res, next);
        }),
      );
      assert.equal((await ask(session)).text, 'half');
      assert.match(String((await ask(session)).headers['cache-status']), /^safelight; ?hit/);
    });
  }
});
