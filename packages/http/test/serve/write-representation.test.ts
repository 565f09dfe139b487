import assert from 'node:assert/strict';
import { ask } from '../../../../test/servers/ask.ts';
import { closeServers } from '../../../../test/servers/servers.ts';
import { etag, headers, lastModified, picture, served, until } from './served.ts';

describe('writeRepresentation', () => {
  afterEach(closeServers);

  const rows: readonly (readonly [asked: Record<string, string>, status: number, bytes: number])[] = [
    [{}, 200, picture.length],
    [{ 'If-None-Match': etag }, 304, 0],
    [{ 'If-Modified-Since': lastModified }, 304, 0],
    [{ 'If-Match': '"dog"' }, 412, 0],
    [{ 'If-Unmodified-Since': 'Fri, 02 Jan 2026 03:04:04 GMT' }, 412, 0],
    [{ Range: 'bytes=0-9' }, 206, 10],
    [{ Range: 'bytes=0-9', 'If-Range': '"dog"' }, 200, picture.length],
    [{ Range: `bytes=${picture.length}-` }, 416, 0],
  ];
  for (const body of [picture, undefined]) {
    for (const [asked, status, bytes] of rows) {
      it(`${JSON.stringify(asked)} ${body ? 'in memory' : 'from a stream'}: ${status}, released once`, async () => {
        const server = await served({ representation: { body } });
        const reply = await ask(server, '/', { headers: asked });
        assert.deepEqual([reply.status, reply.body.length], [status, bytes]);
        if (bytes > 0) assert.ok(reply.body.equals(picture.subarray(0, bytes)));
        await until(() => server.counts.released > 0);
        assert.deepEqual([server.counts.released, server.errors], [1, []]);
      });
    }
  }

  it('HEAD has the headers of the GET, and reads nothing', async () => {
    const server = await served({ representation: { body: undefined } });
    const { status, headers: got, body } = await ask(server, '/', { method: 'HEAD' });
    assert.deepEqual([status, got['content-length'], body.length], [200, String(picture.length), 0]);
    assert.deepEqual(server.counts, { asked: 1, released: 1, opened: 0, closed: 0 });
  });

  it('adds Content-Length and Accept-Ranges, except for headers that are declared complete', async () => {
    const without = { 'Content-Type': 'image/png' };
    const added = await ask(await served({ representation: { headers: without } }), '/');
    assert.deepEqual(
      [added.headers['content-length'], added.headers['accept-ranges']],
      [String(picture.length), 'bytes'],
    );
    const complete = await ask(await served({ representation: { headers, hasAllHeaders: true } }), '/');
    assert.equal(complete.headers['accept-ranges'], undefined);
  });
});
