import assert from 'node:assert/strict';
import { type Dispatcher, Pool } from 'undici';
import { ask, exchange } from '../../../../test/servers/ask.ts';
import { closeServers } from '../../../../test/servers/servers.ts';
import { etag, headers, lastModified, picture, type Served, served } from './served.ts';

const short = picture.subarray(0, 1000);
const shortHeaders = { ...headers, 'Content-Length': short.length };
const before = 'Fri, 02 Jan 2026 03:04:04 GMT';

/** Values of a field, and whether its condition is true of the picture; `undefined`: the field is ignored. */
type Values = readonly (readonly [value: string | undefined, isTrue: boolean | undefined])[];

const ifMatch: Values = [
  [undefined, undefined],
  ['*', true],
  [etag, true],
  ['"dog"', false],
  [`W/${etag}`, false],
];
const ifUnmodifiedSince: Values = [
  [undefined, undefined],
  [lastModified, true],
  [before, false],
  ['yesterday', undefined],
];
const ifNoneMatch: Values = [
  [undefined, undefined],
  ['*', false],
  [etag, false],
  [`W/${etag}`, false],
  [`"dog",W/${etag}`, false],
  ['"dog"', true],
  ['', true],
];
const ifModifiedSince: Values = [
  [undefined, undefined],
  [lastModified, false],
  [before, true],
  ['0', undefined],
];
const range: Values = [
  [undefined, undefined],
  ['bytes=1-3', true],
  ['bytes=2000000-', false],
];
const ifRange: Values = [
  [undefined, undefined],
  [etag, true],
  [lastModified, true],
  ['"dog"', false],
  [before, false],
];

interface Combination {
  readonly method: 'GET' | 'HEAD';
  readonly headers: Record<string, string>;
  readonly status: number;
}

/** RFC 9110 section 13.2.2, step by step. */
function* combinations(): Generator<Combination> {
  for (const method of ['GET', 'HEAD'] as const)
    for (const match of ifMatch)
      for (const unmodified of ifUnmodifiedSince)
        for (const noneMatch of ifNoneMatch)
          for (const modified of ifModifiedSince)
            for (const part of range)
              for (const partIf of part[0] === undefined ? [ifRange[0], ifRange[1]] : ifRange) {
                if (partIf === undefined) continue;
                const fields = {
                  'if-match': match[0],
                  'if-unmodified-since': unmodified[0],
                  'if-none-match': noneMatch[0],
                  'if-modified-since': modified[0],
                  range: part[0],
                  'if-range': partIf[0],
                };
                const first = match[0] === undefined ? unmodified[1] : match[1];
                const second = noneMatch[0] === undefined ? modified[1] : noneMatch[1];
                const cut = method === 'GET' && partIf[1] !== false ? part[1] : undefined;
                const status =
                  first === false ? 412 : second === false ? 304 : cut === undefined ? 200 : cut ? 206 : 416;
                const headers = Object.entries(fields).filter(
                  (entry): entry is [string, string] => entry[1] !== undefined,
                );
                yield { method, headers: Object.fromEntries(headers), status };
              }
}

describe('conditional requests', () => {
  let server: Served;
  let pool: Pool;

  beforeEach(async () => {
    // Short, because it is sent thousands of times.
    server = await served({ representation: { headers: shortHeaders, bytes: short.length, body: short } });
    pool = new Pool(server.origin, { connections: 4 });
  });
  afterEach(async () => {
    await pool.destroy();
    await closeServers();
  });

  /** Uses its connections again, so that a forbidden body would break the next response. */
  async function request(options: Pick<Combination, 'method' | 'headers'>): Promise<Dispatcher.ResponseData> {
    return pool.request({ path: '/', ...options });
  }

  it('each combination gets the status of RFC 9110 section 13.2.2', async function () {
    this.timeout(60_000);
    // Every fifth one in `pnpm test`. Among these are all values of each field.
    const step = process.env['SAFELIGHT_LONG'] === '1' ? 1 : 5;
    const all = [...combinations()].filter((_, i) => i % step === 0);
    const workers = Array.from({ length: 4 }, async () => {
      for (let one = all.pop(); one !== undefined; one = all.pop()) {
        const { statusCode, body, headers: got } = await request(one);
        const bytes = Buffer.from(await body.arrayBuffer());
        assert.equal(statusCode, one.status, JSON.stringify(one));
        const whole = statusCode === 200 && one.method === 'GET' ? short.length : 0;
        assert.equal(bytes.length, statusCode === 206 ? 3 : whole, JSON.stringify(one));
        if (statusCode === 416) assert.equal(got['content-range'], `bytes */${short.length}`);
      }
    });
    await Promise.all(workers);
    const { asked, released } = server.counts;
    assert.ok(asked > 10_000 / step);
    assert.equal(released, asked);
  });

  it('two If-None-Match lines are one list', async () => {
    const lines = (second: string): string => `GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: "dog"\r\n${second}\r\n`;
    const close = 'Connection: close\r\n';
    assert.match(await exchange(server, lines(`If-None-Match: ${etag}\r\n${close}`)), /^HTTP\/1.1 304 /);
    assert.match(await exchange(server, lines(`If-None-Match: "cow"\r\n${close}`)), /^HTTP\/1.1 200 /);
  });

  it('two Range lines are malformed, and ignored', async () => {
    const { status } = await ask(server, '/', { headers: { Range: ['bytes=0-1', 'bytes=4-5'] } });
    assert.equal(status, 200);
  });

  it('preconditions and Range are ignored for a status that is not a success', async () => {
    const gone = await served({ representation: { status: 410 } });
    for (const headers of [{ 'If-None-Match': etag }, { 'If-Match': '"dog"' }, { Range: 'bytes=0-1' }]) {
      const { status, body } = await ask(gone, '/', { headers });
      assert.equal(status, 410);
      assert.ok(body.equals(picture));
    }
  });

  it('preconditions count for other successes, and Range is ignored', async () => {
    const transformed = await served({ representation: { status: 203 } });
    const asked = async (headers: Record<string, string>) => (await ask(transformed, '/', { headers })).status;
    assert.equal(await asked({ 'If-None-Match': etag }), 304);
    assert.equal(await asked({ 'If-Match': '"dog"' }), 412);
    assert.equal(await asked({ Range: 'bytes=0-1' }), 203);
  });

  it('If-Range with a date is ignored until the second of the date has ended', async () => {
    const young = await served({ now: () => Date.parse(lastModified) + 999 });
    const headers = { Range: 'bytes=0-1', 'If-Range': lastModified };
    assert.equal((await ask(young, '/', { headers })).status, 200);
    assert.equal((await ask(server, '/', { headers })).status, 206);
  });
});
