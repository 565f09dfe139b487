import assert from 'node:assert/strict';
import { utimesSync } from 'node:fs';
import { dirname } from 'node:path';
import { ask } from '../../../../test/servers/ask.ts';
import {
  closeServers,
  express5,
  frameworks,
  type Listening,
  type Stack,
  serve,
} from '../../../../test/servers/servers.ts';
import { headers, lastModified, lastModifiedAt, picture, pictureFile, served } from './served.ts';

const earlier = 'Fri, 02 Jan 2026 03:04:04 GMT';
const later = 'Fri, 02 Jan 2026 03:04:06 GMT';
const size = picture.length;
const strong = '"cat-1"';
const weak = 'W/"cat-1"';
const part = { Range: 'bytes=10-19' };

type Asked = Readonly<Record<string, string>>;
/** Status, `Content-Range` and `Content-Length`. */
type Told = readonly [status: number, range: string | undefined, length: string | undefined];

const alike: readonly Asked[] = [
  {},
  ...['0-0', '10-19', '0-', `${size - 1}-`, `${size - 10}-${size + 10}`, '-1', '-1000', `0-9,${size}-`],
  ...['0-10,5-20', '0-9,10-19', `${size}-`, `${size}-${size + 5}`, '-0', 'a-b', '', '-', '5', '1-2-3'],
].map((range) => (typeof range === 'string' ? { Range: `bytes=${range}` } : range));

const conditions: readonly Asked[] = [
  ...[strong, '*', '"dog"', `"dog", ${strong}`].map((tag) => ({ 'If-Match': tag })),
  ...[lastModified, earlier, later, 'yesterday'].map((date) => ({ 'If-Unmodified-Since': date })),
  ...[strong, weak, '*', '"dog"', `"dog", ${weak}`].map((tag) => ({ 'If-None-Match': tag })),
  ...[lastModified, earlier, later, 'yesterday'].map((date) => ({ 'If-Modified-Since': date })),
  { 'If-Match': '"dog"', 'If-None-Match': strong },
  { 'If-Match': strong, 'If-Unmodified-Since': earlier },
  { 'If-None-Match': '"dog"', 'If-Modified-Since': later },
  { ...part, 'If-None-Match': strong },
  { ...part, 'If-Match': '"dog"' },
  ...[strong, '"dog"', lastModified, earlier].map((validator) => ({ ...part, 'If-Range': validator })),
];

/** Where we differ, what they answer and what we do, and why. */
const different: readonly (readonly [why: string, asked: Asked, theirs: number, ours: number, etag?: string])[] = [
  ['several parts are asked for, and may be had', { Range: 'bytes=0-9,500-509' }, 200, 206],
  ['RFC 9110 14.1.2: a longer suffix is the whole', { Range: 'bytes=-2000000' }, 416, 206],
  ['RFC 9110 14.1.1, 14.2: malformed and may be refused, but ignoring helps more', { Range: 'bytes=5-4' }, 416, 200],
  ['RFC 9110 14.1: units are read in any case', { Range: 'Bytes=0-9' }, 200, 206],
  ['RFC 9110 5.6.1.2: empty elements are ignored', { Range: 'bytes=0-9,' }, 200, 206],
  ['RFC 9110 14.1.1: no white space within a range', { Range: 'bytes=0 - 9' }, 206, 200],
  ['RFC 9110 14.2: both may be had; theirs sends the whole as a part', { Range: 'bytes=0-,0-' }, 206, 200],
  ['RFC 9110 13.1.1: If-Match compares strongly', { 'If-Match': weak }, 200, 412],
  ['the same with a weak tag of ours', { 'If-Match': weak }, 200, 412, weak],
  ['RFC 9110 13.1.5: so does If-Range', { ...part, 'If-Range': weak }, 206, 200],
  ['the same with a weak tag of ours', { ...part, 'If-Range': weak }, 206, 200, weak],
  ['RFC 9110 13.1.5: If-Range is one tag', { ...part, 'If-Range': `"dog", ${strong}` }, 206, 200],
  ['RFC 9110 13.1.5: its date is exactly the current one', { ...part, 'If-Range': later }, 206, 200],
  ['RFC 9110 8.8.3: a tag may hold a comma', { 'If-None-Match': '"a,b"' }, 200, 304, '"a,b"'],
  ['RFC 9110 13.1.3: 3000 is no date', { 'If-Modified-Since': '3000' }, 304, 200],
  [
    'RFC 9111 5.2.1: what a request says to caches is not for origins',
    { 'If-None-Match': strong, 'Cache-Control': 'no-cache' },
    200,
    304,
  ],
];

/** `express.static` knows the same file and says the same of it. */
describe('beside express.static', () => {
  before(() => utimesSync(pictureFile, lastModifiedAt / 1000, lastModifiedAt / 1000));
  afterEach(closeServers);

  async function both(etag: string): Promise<readonly [theirs: Listening, ours: Listening]> {
    const setHeaders = (res: { setHeader(name: string, value: string): void }): void => res.setHeader('ETag', etag);
    const files = express5.static(dirname(pictureFile), { index: 'cat.png', setHeaders });
    const representation = { body: undefined, etag, headers: { ...headers, ETag: etag } };
    return [
      await serve(frameworks[0] as (typeof frameworks)[0], files as unknown as Stack[0]),
      await served({ representation }),
    ];
  }

  for (const method of ['GET', 'HEAD']) {
    it(`${method} gets the same where RFC 9110 leaves no choice`, async () => {
      const [theirs, ours] = await both(strong);
      for (const asked of [...alike, ...conditions]) {
        // A HEAD has no parts, which they overlook.
        if (method === 'HEAD' && 'Range' in asked) continue;
        const [expected, got] = await Promise.all(
          [theirs, ours].map((server) => ask(server, '/', { method, headers: asked })),
        );
        assert.ok(expected !== undefined && got !== undefined);
        assert.deepEqual(told(got), told(expected), JSON.stringify(asked));
        if (got.status < 400) assert.ok(got.body.equals(expected.body), JSON.stringify(asked));
      }
    });
  }

  for (const [why, asked, theirStatus, ourStatus, etag = strong] of different) {
    it(`${JSON.stringify(asked)} is ${ourStatus} and not ${theirStatus}: ${why}`, async () => {
      const statuses = (await both(etag)).map(async (server) => (await ask(server, '/', { headers: asked })).status);
      assert.deepEqual(await Promise.all(statuses), [theirStatus, ourStatus]);
    });
  }

  it('a HEAD is never a part (RFC 9110 section 14.2)', async () => {
    const statuses = (await both(strong)).map(
      async (server) => (await ask(server, '/', { method: 'HEAD', headers: part })).status,
    );
    assert.deepEqual(await Promise.all(statuses), [206, 200]);
  });
});

/** Their errors have a page, ours have none. */
function told({ status, headers: got }: Awaited<ReturnType<typeof ask>>): Told {
  return [status, got['content-range'], status < 400 ? got['content-length'] : undefined];
}
