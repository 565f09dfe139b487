import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { RequestHandler } from '@safelight/http';
import { ask, exchange } from '../../../../test/servers/ask.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, type Framework, frameworks, serve } from '../../../../test/servers/servers.ts';

const nodeHttp = frameworks[2] as Framework;

describe('guard: the headers of a response in place of the handler’s', () => {
  afterEach(closeServers);

  it('are those of the application, as they were before the handler ran', async () => {
    const application: RequestHandler = (_req, res, next) => {
      res.setHeader('X-Request-ID', '7').setHeader('X-Frame-Options', 'DENY').setHeader('Set-Cookie', ['a=1']);
      next();
    };
    const failing = scene().safelight.guard((_req, res) => {
      res.setHeader('X-Mine', '1').setHeader('X-Frame-Options', 'ALLOW').appendHeader('Link', '</mine>');
      res.statusCode = 404;
      res.statusMessage = 'No Such Cat';
      res.end();
    });
    const server = await serve(nodeHttp, application, failing);
    const text = await exchange(server, 'GET /cat HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    assert.match(text, /^HTTP\/1\.1 404 Not Found\r\n/);
    assert.match(text, /\r\nX-Request-ID: 7\r\n/);
    assert.match(text, /\r\nX-Frame-Options: DENY\r\n/i);
    assert.match(text, /\r\nSet-Cookie: a=1\r\n/i);
    assert.doesNotMatch(text, /mine/i);
  });

  it('cannot be changed later: setHeader after a timeout does not throw', async () => {
    const late = Promise.withResolvers<ServerResponse>();
    const hanging = scene({ timeoutMs: 20 }).safelight.guard((_req, res) => void late.resolve(res));
    const server = await serve(nodeHttp, hanging);
    assert.equal((await ask(server, '/cat')).status, 504);
    const res = await late.promise;
    assert.doesNotThrow(() => {
      res.setHeader('X-Late', '1').appendHeader('X-Late', '2').removeHeader('X-Late');
      res.setHeaders(new Map([['X-Late', '3']]));
    });
  });

  it('a stream that is piped into the replaced response is read to its end', async () => {
    const responded = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    async function* page() {
      yield 'no cat';
      await responded.promise;
      for (let i = 0; i < 20; i += 1) yield Buffer.alloc(16_384);
    }
    const failing = scene().safelight.guard((_req, res) => {
      res.statusCode = 404;
      Readable.from(page()).once('end', ended.resolve).pipe(res);
    });
    assert.equal((await ask(await serve(nodeHttp, failing), '/cat')).status, 404);
    responded.resolve();
    await ended.promise;
  });
});
