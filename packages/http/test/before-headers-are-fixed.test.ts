import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { askHttp2 } from '../../../test/responses/ask-http2.ts';
import { ask } from '../../../test/servers/ask.ts';
import { closeServers, listen } from '../../../test/servers/servers.ts';
import { beforeHeadersAreFixed } from '../src/before-headers-are-fixed.ts';

/** A middleware that sets a header as late as it can. */
function setsHeaderAtWriteHead(res: ServerResponse): void {
  const { writeHead } = res;
  res.writeHead = ((status: number) => {
    res.setHeader('X-Late', 'yes');
    return writeHead.call(res, status);
  }) as typeof writeHead;
}

/** Copies the late header, and responds. */
function respond(res: ServerResponse): void {
  setsHeaderAtWriteHead(res);
  beforeHeadersAreFixed(res, () => res.setHeader('X-Seen', String(res.getHeader('X-Late'))));
  res.writeHead(201);
  res.end(String(res.statusCode));
}

describe('beforeHeadersAreFixed', () => {
  afterEach(closeServers);

  it('calls back after each writeHead of middleware, while headers can still be set', async () => {
    const server = await listen((_req, res) => respond(res));
    const { status, headers, text } = await ask(server, '/');
    assert.deepEqual([status, text, headers['x-late'], headers['x-seen']], [201, '201', 'yes', 'yes']);
  });

  it('does the same for HTTP/2', async () => {
    const server = createHttp2Server((_req, res) => respond(res as unknown as ServerResponse));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const { status, headers } = await askHttp2(port, { path: '/' });
      assert.deepEqual([status, headers['x-late'], headers['x-seen']], [201, 'yes', 'yes']);
    } finally {
      server.close();
    }
  });

  it('calls only the latest callback of a response, and none after the headers are sent', async () => {
    const calls: string[] = [];
    const server = await listen((_req, res) => {
      beforeHeadersAreFixed(res, () => calls.push('first'));
      beforeHeadersAreFixed(res, () => calls.push('second'));
      res.writeHead(200);
      const before = calls.length;
      res.flushHeaders();
      res.statusCode = 500;
      assert.equal(calls.length, before);
      res.end();
    });
    assert.equal((await ask(server, '/')).status, 200);
    assert.deepEqual([...new Set(calls)], ['second']);
  });
});
