import assert from 'node:assert/strict';
import { type ErrorReuse, errorReuse } from '../../src/reuse/error-reuse.ts';
import type { ReceivedFields } from '../../src/reuse/response-head.ts';

type Fields = Readonly<Record<string, string | readonly string[]>>;

const now = Date.UTC(2026, 0, 1);
const seconds = (count: number) => new Date(now + count * 1000).toUTCString();

describe('errorReuse', () => {
  const oneClient: readonly Fields[] = [
    { 'cache-control': 'private' },
    { 'cache-control': 'max-age=60, Private="x-a"' },
    { 'cache-control': ['max-age=60', 'private'] },
    { 'set-cookie': 'a=1' },
    { 'set-cookie': ['a=1', 'b=2'] },
    { vary: '*' },
    { vary: 'Cookie' },
    { vary: ['Accept', 'User-Agent'] },
    { vary: 'Accept, X-Theme' },
    { vary: 'Accept-Datetime' },
  ];
  for (const response of oneClient) {
    it(`only for this client: ${JSON.stringify(response)}`, () => {
      assert.equal(errorReuse({ accept: 'image/webp' }, response, { now: now }), undefined);
    });
  }

  it('only for this client: the fields that it varies by are too long', () => {
    assert.equal(errorReuse({ accept: `image/${'a'.repeat(5000)}` }, { vary: 'Accept' }, { now: now }), undefined);
  });

  const request: ReceivedFields = { accept: 'image/webp , image/avif', origin: 'https://a', 'sec-ch-dpr': '2' };
  const others: readonly (readonly [response: Fields, expected: Partial<ErrorReuse>])[] = [
    [{}, {}],
    [{ vary: '' }, {}],
    [{ vary: 'ACCEPT,' }, { vary: { accept: 'image/avif,image/webp' } }],
    [{ vary: ['Origin', 'Sec-CH-DPR'] }, { vary: { origin: 'https://a', 'sec-ch-dpr': '2' } }],
    [
      { vary: 'Accept-Encoding, Accept-Language, Accept-Charset' },
      { vary: { 'accept-charset': null, 'accept-encoding': null, 'accept-language': null } },
    ],
    [{ 'cache-control': 'max-age=60' }, { lifetimeMs: 60_000 }],
    [{ 'cache-control': 'max-age=60, s-maxage=5' }, { lifetimeMs: 5000 }],
    [{ 'cache-control': 'max-age=60, no-cache' }, { lifetimeMs: 0 }],
    [{ 'cache-control': 'max-age=60, no-store' }, { noStore: true }],
    [{ date: seconds(0), expires: seconds(90) }, { lifetimeMs: 90_000 }],
    [{ expires: '0' }, { lifetimeMs: 0 }],
  ];
  for (const [response, expected] of others) {
    it(`for others: ${JSON.stringify(response)}: ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(errorReuse(request, response, { now: now }), {
        vary: {},
        noStore: false,
        lifetimeMs: undefined,
        ...expected,
      });
    });
  }
});
