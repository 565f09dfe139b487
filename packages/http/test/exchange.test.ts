import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import {
  clientLeft,
  destroyedByUs,
  hasResponded,
  isComplete,
  isOver,
  originForm,
  requestUrl,
  targetOrigin,
  urlBelowMount,
} from '@safelight/http';
import fc from 'fast-check';
import { askHttp2 } from '../../../test/responses/ask-http2.ts';
import { ask } from '../../../test/servers/ask.ts';
import { closeServers, listen } from '../../../test/servers/servers.ts';

const requestOf = (request: { readonly url?: string; readonly originalUrl?: string }) => request as IncomingMessage;

describe('the URL of a request', () => {
  const targets: readonly (readonly [target: string, origin: string, path: string])[] = [
    ['/cat?w=1', '', '/cat?w=1'],
    ['/', '', '/'],
    ['//example.org/cat', '', '//example.org/cat'],
    ['/http://example.org/cat', '', '/http://example.org/cat'],
    ['http://example.org/cat?w=1', 'http://example.org', '/cat?w=1'],
    ['HTTPS://EXAMPLE.org:8443/a//b', 'HTTPS://EXAMPLE.org:8443', '/a//b'],
    ['http://user:pass@[::1]:9/cat', 'http://user:pass@[::1]:9', '/cat'],
    ['http://example.org', 'http://example.org', '/'],
    ['http://example.org?w=1', 'http://example.org', '/?w=1'],
    ['http://example.org?u=http://a/b', 'http://example.org', '/?u=http://a/b'],
    ['http:///cat', 'http://', '/cat'],
    ['http://', 'http://', '/'],
    ['*', '', '*'],
    ['example.org:443', '', 'example.org:443'],
    ['', '', ''],
  ];
  for (const [target, origin, path] of targets) {
    it(`${JSON.stringify(target)} names ${JSON.stringify(path)}`, () => {
      assert.equal(targetOrigin(target), origin);
      assert.equal(originForm(target), path);
    });
  }

  it('is the URL that the client sent, or the rest below the mount', () => {
    const mounted = requestOf({ url: 'http://example.org/cat', originalUrl: 'http://example.org/media/cat' });
    assert.deepEqual([requestUrl(mounted), urlBelowMount(mounted)], ['/media/cat', '/cat']);
    assert.deepEqual(
      [requestUrl(requestOf({ url: '/cat' })), urlBelowMount(requestOf({ url: '/cat' }))],
      ['/cat', '/cat'],
    );
    assert.deepEqual([requestUrl(requestOf({})), urlBelowMount(requestOf({}))], ['/', '/']);
  });

  it('is the same in both forms, for any path', () => {
    const path = fc.string().map((text) => `/${text}`);
    const authority = fc.webAuthority({ withIPv4: true, withIPv6: true, withPort: true, withUserInfo: true });
    fc.assert(
      fc.property(path, authority, fc.constantFrom('http', 'https', 'HTTP', 'x+y'), (sent, host, scheme) => {
        assert.equal(originForm(`${scheme}://${host}${sent}`), sent);
        assert.equal(originForm(sent), sent);
      }),
    );
  });
});

describe('the end of an exchange', () => {
  afterEach(closeServers);

  /** The state of the exchange after the response was closed. */
  function stateOf(req: IncomingMessage, res: ServerResponse) {
    return {
      isOver: isOver(res),
      hasResponded: hasResponded(res),
      isComplete: isComplete(res),
      clientLeft: clientLeft(req),
      destroyedByUs: destroyedByUs(req),
    };
  }

  /** Serves one request, and returns the state when the response is closed. */
  async function closedState(
    respond: (req: IncomingMessage, res: ServerResponse) => void,
    request: (port: number) => unknown,
  ) {
    const closed = Promise.withResolvers<ReturnType<typeof stateOf>>();
    const { port } = await listen((req, res) => {
      assert.deepEqual([isOver(res), hasResponded(res), isComplete(res)], [false, false, false]);
      res.once('close', () => closed.resolve(stateOf(req, res)));
      respond(req, res);
    });
    request(port);
    return closed.promise;
  }

  const get = async (port: number): Promise<void> => {
    await ask({ port } as Parameters<typeof ask>[0], '/').catch(() => undefined);
  };

  it('a response that was sent is complete', async () => {
    const state = await closedState((_req, res) => {
      res.writeHead(200);
      res.flushHeaders();
      assert.equal(hasResponded(res), true);
      assert.equal(isComplete(res), false);
      res.end('cat');
    }, get);
    assert.deepEqual([state.isComplete, state.hasResponded], [true, true]);
  });

  it('a client that disconnects has left', async () => {
    const sockets: ReturnType<typeof connect>[] = [];
    const state = await closedState(
      () => sockets[0]?.destroy(),
      (port) => {
        const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
        sockets.push(socket);
      },
    );
    assert.deepEqual(state, {
      isOver: true,
      hasResponded: true,
      isComplete: false,
      clientLeft: true,
      destroyedByUs: false,
    });
  });

  it('a connection that the server destroys was not left by the client', async () => {
    const state = await closedState((_req, res) => void res.destroy(), get);
    assert.deepEqual(state, {
      isOver: true,
      hasResponded: true,
      isComplete: false,
      clientLeft: false,
      destroyedByUs: true,
    });
  });

  it('a pipelined response is over when its connection is destroyed', async () => {
    const states: boolean[] = [];
    const done = Promise.withResolvers<void>();
    const { port } = await listen((req, res) => {
      if (req.url === '/first') return;
      req.socket.once('close', () => {
        states.push(isOver(res));
        done.resolve();
      });
      req.socket.destroy();
    });
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\n\r\n');
    await done.promise;
    socket.destroy();
    assert.deepEqual(states, [true]);
  });

  it('an HTTP/2 stream ends although its connection stays open', async () => {
    const states: ReturnType<typeof stateOf>[] = [];
    const server = createHttp2Server((req, res) => {
      const exchange = [req as unknown as IncomingMessage, res as unknown as ServerResponse] as const;
      assert.equal(isOver(exchange[1]), false);
      res.stream.once('close', () => states.push(stateOf(...exchange)));
      if (req.url === '/cut') res.stream.close(2);
      else res.end('cat');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      await askHttp2(port, { path: '/whole' });
      await askHttp2(port, { path: '/cut' }).catch(() => undefined);
      while (states.length < 2) await new Promise(setImmediate);
    } finally {
      server.close();
    }
    const seen = states.map(({ isOver, isComplete, destroyedByUs }) => [isOver, isComplete, destroyedByUs]);
    assert.deepEqual(seen, [
      [true, true, false],
      [true, false, false],
    ]);
  });
});
