import assert from 'node:assert/strict';
import { ask } from '../../../../test/servers/ask.ts';
import { closeServers } from '../../../../test/servers/servers.ts';
import type { Representation } from '../../src/serve/write-representation.ts';
import { etag, lastModified, picture, headers as pictureHeaders, served } from './served.ts';

/** All fields that a response may have, in the spellings of Safelight and of a handler that writes lower case. */
const delivered: Representation['headers'] = {
  ...pictureHeaders,
  Vary: 'Accept',
  Expires: 'Fri, 02 Jan 2026 03:05:05 GMT',
  'Content-Location': '/cat.png',
  'content-encoding': 'identity',
  'Content-Language': 'en',
  'Content-Security-Policy': 'sandbox',
  'Content-Disposition': 'attachment',
  'Content-Digest': 'sha-256=:AAAA:',
  'Repr-Digest': 'sha-256=:AAAA:',
  'Accept-Ranges': 'bytes',
  'Access-Control-Allow-Origin': '*',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Timing-Allow-Origin': '*',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Status': 'safelight; hit',
  'Cache-Tag': 'cat',
  'Cache-Groups': '"cat"',
  'CDN-Cache-Control': 'max-age=86400',
  'Server-Timing': 'transform;dur=3',
  link: ['</a>', '</b>'],
};

const ofTheConnection = /^(connection|keep-alive|date)$/;

describe('headers of responses', () => {
  afterEach(closeServers);

  /** The response to one request, without the fields that Node adds for the connection. */
  async function asked(
    headers: Record<string, string>,
    { method = 'GET', ...representation }: Partial<Representation> & { method?: string } = {},
  ): Promise<{ status: number; headers: Record<string, unknown>; names: string[]; body: Buffer }> {
    const server = await served({ representation: { headers: delivered, ...representation } });
    const reply = await ask(server, '/', { method, headers });
    assert.ok(reply.headers.date !== undefined);
    const entries = Object.entries(reply.headers).filter(([name]) => !ofTheConnection.test(name));
    const names = entries.map(([name]) => name).sort();
    return { status: reply.status, headers: Object.fromEntries(entries), names, body: reply.body };
  }

  it('a 304 has fields for caches and about the response, but none that describe the bytes', async () => {
    const { status, names, body, headers } = await asked({ 'If-None-Match': etag });
    assert.equal(status, 304);
    assert.equal(body.length, 0);
    assert.deepEqual(names, [
      'access-control-allow-origin',
      'cache-control',
      'cache-groups',
      'cache-status',
      'cache-tag',
      'cdn-cache-control',
      'content-disposition',
      'content-location',
      'content-security-policy',
      'cross-origin-resource-policy',
      'etag',
      'expires',
      'link',
      'server-timing',
      'timing-allow-origin',
      'vary',
      'x-content-type-options',
    ]);
    assert.equal(headers['cache-control'], delivered['Cache-Control']);
    assert.equal(headers['link'], '</a>, </b>');
  });

  it('a 304 has Last-Modified only without an ETag', async () => {
    const tagless = Object.fromEntries(Object.entries(delivered).filter(([name]) => name !== 'ETag'));
    const { status, headers } = await asked(
      { 'If-Modified-Since': lastModified },
      { headers: tagless, etag: undefined },
    );
    assert.equal(status, 304);
    assert.equal(headers['last-modified'], lastModified);
  });

  for (const asks of [{}, { Range: 'bytes=0-9' }, { Range: 'bytes=0-9,500-509' }, { Range: 'bytes=9999999-' }]) {
    it(`HEAD has GET's headers and no body: ${JSON.stringify(asks)}`, async () => {
      const head = await asked(asks, { method: 'HEAD' });
      const get = await asked({});
      assert.equal(head.status, 200);
      assert.deepEqual(head.headers, get.headers);
      assert.equal(head.body.length, 0);
      assert.equal(get.headers['content-length'], String(picture.length));
    });
  }

  it('HEAD also has the headers of a 304 and a 412', async () => {
    for (const asks of [{ 'If-None-Match': etag }, { 'If-Match': '"dog"' }]) {
      const [head, get] = [await asked(asks, { method: 'HEAD' }), await asked(asks)];
      assert.equal(head.status, get.status);
      assert.deepEqual(head.headers, get.headers);
    }
  });

  it('a part has the headers of the whole, except length, range and digest of the content', async () => {
    const whole = (await asked({})).headers;
    const { status, headers } = await asked({ Range: 'bytes=10-19' });
    assert.equal(status, 206);
    const { 'content-digest': _, ...rest } = whole;
    assert.deepEqual(headers, {
      ...rest,
      'content-length': '10',
      'content-range': `bytes 10-19/${picture.length}`,
      'cache-control': 'public, max-age=60, no-transform',
    });
  });

  it('a part has no-transform once, also without other directives', async () => {
    const cacheControlOf = async (cacheControl: Record<string, string>) =>
      (await asked({ Range: 'bytes=0-9' }, { headers: cacheControl })).headers['cache-control'];
    assert.equal(await cacheControlOf({}), 'no-transform');
    assert.equal(await cacheControlOf({ 'cache-control': 'no-transform, max-age=5' }), 'no-transform, max-age=5');
  });

  it('several parts each have the type of the whole, and the response has no Content-Range', async () => {
    const { headers, body } = await asked({ Range: 'bytes=10-19,500-509' }, { headers: pictureHeaders });
    assert.match(String(headers['content-type']), /^multipart\/byteranges; boundary=[0-9a-f]{32}$/);
    assert.equal(headers['content-range'], undefined);
    assert.equal(headers['content-length'], String(body.length));
    assert.equal(body.toString('latin1').split('Content-Type: image/png\r\n').length, 3);
  });

  it('the boundary is different each time', async () => {
    const types = [1, 2].map(
      async () => (await asked({ Range: 'bytes=0-9,500-509' }, { headers: pictureHeaders })).headers,
    );
    const [one, other] = await Promise.all(types);
    assert.notEqual(one?.['content-type'], other?.['content-type']);
  });

  it('an encoded body is not sent in several parts, because the encoding would be about the multipart body', async () => {
    const headers = { ...pictureHeaders, 'Content-Encoding': 'gzip' };
    assert.equal((await asked({ Range: 'bytes=0-9,500-509' }, { headers })).status, 200);
    assert.equal((await asked({ Range: 'bytes=0-9' }, { headers })).status, 206);
  });

  for (const [status, asks] of [
    [412, { 'If-Match': '"dog"' }],
    [416, { Range: 'bytes=9999999-' }],
  ] as const) {
    it(`${status} is not stored by caches, is readable for all origins, and is empty`, async () => {
      const { headers, body, ...reply } = await asked(asks);
      assert.equal(reply.status, status);
      assert.equal(body.length, 0);
      const { 'access-control-expose-headers': exposed, ...rest } = headers;
      assert.match(String(exposed), /Cache-Status/);
      assert.deepEqual(rest, {
        'access-control-allow-origin': '*',
        'cache-control': 'no-store',
        'cache-groups': '"cat"',
        'cache-status': 'safelight; hit',
        'cache-tag': 'cat',
        'content-length': '0',
        'cross-origin-resource-policy': 'cross-origin',
        'timing-allow-origin': '*',
        'x-content-type-options': 'nosniff',
        ...(status === 416 ? { 'content-range': `bytes */${picture.length}` } : {}),
      });
    });
  }

  it('Content-Length and Accept-Ranges are added when they are missing in any spelling', async () => {
    const bare = (await asked({}, { headers: { 'Content-Type': 'image/png' } })).headers;
    assert.equal(bare['content-length'], String(picture.length));
    assert.equal(bare['accept-ranges'], 'bytes');
    const odd = await served({
      representation: { headers: { 'CONTENT-length': picture.length, 'ACCEPT-ranges': 'bytes' } },
    });
    const { rawHeaders } = await ask(odd, '/');
    const lines = rawHeaders.filter((text) => /^(content-length|accept-ranges)$/i.test(text));
    assert.deepEqual(lines, ['CONTENT-length', 'ACCEPT-ranges']);
  });

  it('lower-case headers are replaced and not doubled', async () => {
    const lowerCase = Object.fromEntries(
      Object.entries(pictureHeaders).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const { headers } = await asked({ Range: 'bytes=0-9,500-509' }, { headers: lowerCase });
    assert.match(String(headers['content-type']), /^multipart/);
    assert.equal(headers['cache-control'], 'public, max-age=60, no-transform');
    assert.match(String(headers['content-length']), /^\d+$/);
  });

  it('an empty body has length 0 and no parts', async () => {
    const empty = { body: Buffer.alloc(0), bytes: 0, headers: { 'Content-Type': 'image/png' } };
    const inFile = await served({ representation: { ...empty, body: undefined } });
    assert.equal((await ask(inFile, '/')).headers['content-length'], '0');
    assert.equal(inFile.counts.opened, 0);
    for (const asks of [{}, { Range: 'bytes=0-' }, { Range: 'bytes=-5' }]) {
      const { status, headers, body } = await asked(asks, empty);
      assert.deepEqual([status, headers['content-length'], body.length], [200, '0', 0]);
    }
    const { status, headers } = await asked({}, { ...empty, status: 204, headers: {} });
    assert.deepEqual([status, headers], [204, {}]);
  });
});
