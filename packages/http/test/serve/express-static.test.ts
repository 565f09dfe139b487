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

type RequestFields = Readonly<Record<string, string>>;
/** Status, `Content-Range` and, for a success, `Content-Length`. */
type Summary = readonly [status: number, range: string | undefined, length: string | undefined];

const alike: readonly RequestFields[] = [
  {},
  ...['0-0', '10-19', '0-', `${size - 1}-`, `${size - 10}-${size + 10}`, '-1', '-1000', `0-9,${size}-`],
  ...['0-10,5-20', '0-9,10-19', `${size}-`, `${size}-${size + 5}`, '-0', 'a-b', '', '-', '5', '1-2-3'],
].map((range) => (typeof range === 'string' ? { Range: `bytes=${range}` } : range));

const conditions: readonly RequestFields[] = [
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

/** Differences: the reason, the request, the status of express.static, and ours. */
const different: readonly (readonly [
  why: string,
  asked: RequestFields,
  theirs: number,
  ours: number,
  etag?: string,
])[] = [
  ['RFC 9110 14.2: we send several parts', { Range: 'bytes=0-9,500-509' }, 200, 206],
  ['RFC 9110 14.1.2: a suffix longer than the body is the whole body', { Range: 'bytes=-2000000' }, 416, 206],
  ['RFC 9110 14.1.1, 14.2: a malformed field may be refused; we ignore it', { Range: 'bytes=5-4' }, 416, 200],
  ['RFC 9110 14.1: the case of a unit has no meaning', { Range: 'Bytes=0-9' }, 200, 206],
  ['RFC 9110 5.6.1.2: empty elements are ignored', { Range: 'bytes=0-9,' }, 200, 206],
  ['RFC 9110 14.1.1: white space within a range is malformed', { Range: 'bytes=0 - 9' }, 206, 200],
  ['RFC 9110 14.2: two whole bodies; express.static sends the whole as a part', { Range: 'bytes=0-,0-' }, 206, 200],
  ['RFC 9110 13.1.1: If-Match compares strongly', { 'If-Match': weak }, 200, 412],
  ['the same for a weak ETag', { 'If-Match': weak }, 200, 412, weak],
  ['RFC 9110 13.1.5: If-Range compares strongly', { ...part, 'If-Range': weak }, 206, 200],
  ['the same for a weak ETag', { ...part, 'If-Range': weak }, 206, 200, weak],
  ['RFC 9110 13.1.5: If-Range is one tag', { ...part, 'If-Range': `"dog", ${strong}` }, 206, 200],
  ['RFC 9110 13.1.5: the date of If-Range must be the current one', { ...part, 'If-Range': later }, 206, 200],
  ['RFC 9110 8.8.3: a tag may hold a comma', { 'If-None-Match': '"a,b"' }, 200, 304, '"a,b"'],
  ['RFC 9110 13.1.3: 3000 is not a date', { 'If-Modified-Since': '3000' }, 304, 200],
  [
    'RFC 9111 5.2.1: Cache-Control of a request is for caches',
    { 'If-None-Match': strong, 'Cache-Control': 'no-cache' },
    200,
    304,
  ],
];

/** `express.static` serves the same file. */
describe('express.static and writeRepresentation', () => {
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
    it(`${method} gets the same response when RFC 9110 leaves no choice`, async () => {
      const [theirs, ours] = await both(strong);
      for (const asked of [...alike, ...conditions]) {
        // express.static sends parts for a HEAD, against RFC 9110 section 14.2.
        if (method === 'HEAD' && 'Range' in asked) continue;
        const [expected, got] = await Promise.all(
          [theirs, ours].map((server) => ask(server, '/', { method, headers: asked })),
        );
        assert.ok(expected !== undefined && got !== undefined);
        assert.deepEqual(summaryOf(got), summaryOf(expected), JSON.stringify(asked));
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

/** The parts of a response that must be equal. The errors of express.static have a body, ours do not. */
function summaryOf({ status, headers: got }: Awaited<ReturnType<typeof ask>>): Summary {
  return [status, got['content-range'], status < 400 ? got['content-length'] : undefined];
}
