import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import type { RequestHandler } from '@safelight/http';
import { ask } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { closeServers, frameworks } from '../../../../test/servers/servers.ts';
import type { Representation } from '../../src/serve/write-representation.ts';
import { etag, headers, picture, type Served, served } from './served.ts';

const compression = createRequire(import.meta.url)('compression') as () => RequestHandler;

const shared = {
  ...headers,
  Vary: 'Accept',
  'Access-Control-Allow-Origin': '*',
  'Cross-Origin-Resource-Policy': 'cross-origin',
};
/** A text that `compression` compresses. */
const drawing = Buffer.from(`<svg>${'<path d="M0 0"/>'.repeat(5000)}</svg>`);

function setting(fields: Readonly<Record<string, string | string[]>>): RequestHandler {
  return (_req, res, next) => {
    for (const [name, value] of Object.entries(fields)) res.setHeader(name, value);
    next();
  };
}

describe('headers of the application', () => {
  afterEach(closeServers);

  const responses: readonly (readonly [status: number, asks: Record<string, string>])[] = [
    [200, {}],
    [206, { Range: 'bytes=0-9' }],
    [206, { Range: 'bytes=0-9,500-509' }],
    [304, { 'If-None-Match': etag }],
    [412, { 'If-Match': '"dog"' }],
    [416, { Range: 'bytes=-0' }],
  ];
  const spellings: readonly Representation['headers'][] = [
    shared,
    Object.fromEntries(Object.entries(shared).map(([name, value]) => [name.toLowerCase(), value])),
  ];

  for (const framework of casesOfRun(frameworks)) {
    for (const [status, asks] of responses) {
      it(`${framework.name}, ${status} ${JSON.stringify(asks)}: CORS and Vary of the application stay`, async () => {
        for (const spelling of spellings) {
          const front = setting({
            'Access-Control-Allow-Origin': 'https://a.example',
            'cross-origin-resource-policy': 'same-origin',
            vary: 'Origin',
            'X-Mine': 'yes',
          });
          const server = await served({ framework, front, representation: { headers: spelling } });
          const reply = await ask(server, '/', { headers: asks });
          assert.equal(reply.status, status);
          assert.equal(reply.headers['access-control-allow-origin'], 'https://a.example');
          assert.equal(reply.headers['cross-origin-resource-policy'], 'same-origin');
          assert.equal(reply.headers['x-mine'], 'yes');
          assert.equal(reply.headers.vary, status > 400 ? 'Origin' : 'Origin, Accept');
        }
      });
    }
  }

  it('a name in both Vary fields is sent once, and * alone', async () => {
    const varied = async (vary: string | string[]) =>
      (await ask(await served({ front: setting({ Vary: vary }), representation: { headers: shared } }), '/')).headers
        .vary;
    assert.equal(await varied('accept, Origin'), 'accept, Origin');
    assert.equal(await varied(['Origin', 'Cookie']), 'Origin, Cookie, Accept');
    assert.equal(await varied('*'), '*');
  });

  it('a Content-Type of the application is not sent with a 304', async () => {
    const front = setting({ 'Content-Type': 'text/html', 'Accept-Ranges': 'none', 'Last-Modified': 'yesterday' });
    const { status, headers: got } = await ask(await served({ front }), '/', { headers: { 'If-None-Match': etag } });
    assert.equal(status, 304);
    assert.deepEqual(
      [got['content-type'], got['accept-ranges'], got['last-modified']],
      [undefined, undefined, undefined],
    );
  });

  describe('with compression in front', () => {
    function compressed(representation: Partial<Representation>): Promise<Served> {
      return served({ framework: frameworks[0], front: compression(), representation });
    }
    const gzip = { 'Accept-Encoding': 'gzip' };
    const svg = {
      headers: { 'Content-Type': 'image/svg+xml', 'Content-Length': drawing.length, ETag: etag },
      bytes: drawing.length,
    };

    it('pictures are not compressed', async () => {
      for (const body of [picture, undefined]) {
        const reply = await ask(await compressed({ body }), '/', { headers: gzip });
        assert.equal(reply.headers['content-encoding'], undefined);
        assert.equal(reply.headers['content-length'], String(picture.length));
        assert.ok(reply.body.equals(picture));
      }
    });

    it('whole drawings are compressed, from memory and from a stream', async () => {
      const inPieces = (): Readable =>
        Readable.from(Array.from({ length: 86 }, (_, i) => drawing.subarray(i * 1000, (i + 1) * 1000)));
      for (const backing of [{ body: drawing }, { body: undefined, read: inPieces }]) {
        const server = await compressed({ ...svg, ...backing });
        const reply = await ask(server, '/', { headers: gzip });
        assert.equal(reply.headers['content-encoding'], 'gzip');
        assert.ok(reply.complete && gunzipSync(reply.body).equals(drawing));
        assert.deepEqual([server.counts.released, server.counts.closed], [1, server.counts.opened]);
      }
    });

    it('parts of drawings are not compressed', async () => {
      const server = await compressed({ ...svg, body: drawing });
      const reply = await ask(server, '/', { headers: { ...gzip, Range: 'bytes=1000-8999' } });
      assert.equal(reply.status, 206);
      assert.equal(reply.headers['content-encoding'], undefined);
      assert.ok(reply.body.equals(drawing.subarray(1000, 9000)));
    });
  });
});
