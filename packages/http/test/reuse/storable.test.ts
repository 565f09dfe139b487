import assert from 'node:assert/strict';
import { createFreshnessOf } from '../../src/reuse/freshness.ts';
import type { ReceivedFields, ResponseHead } from '../../src/reuse/response-head.ts';
import { isInvalidating, isWhole } from '../../src/reuse/storable.ts';
import { freshnessOf, ok, withCacheControl } from './responses.ts';

const etag = { etag: '"a"' };

describe('which responses are stored', () => {
  const cached: readonly (readonly [rule: string, response: ResponseHead, request?: ReceivedFields])[] = [
    ['RFC 9111 3: no directives', ok()],
    ['RFC 9111 3: a lifetime', withCacheControl('max-age=60')],
    ['RFC 9111 3: public, without a lifetime', withCacheControl('public')],
    ['RFC 9111 5.2.2.4: no-cache, with a validator', ok({ ...etag, 'cache-control': 'no-cache' })],
    ['RFC 9111 5.2.2.4: no-cache for one field', ok({ ...etag, 'cache-control': 'no-cache="x-count"' })],
    ['RFC 9111 5.2.2.3: must-understand, and the status is understood', withCacheControl('no-store, must-understand')],
    [
      'RFC 9111 3.5: credentials, and the response allows it',
      withCacheControl('public'),
      { authorization: 'Basic eDp5' },
    ],
    ['RFC 9111 3.5: and s-maxage', withCacheControl('s-maxage=60'), { authorization: 'Basic eDp5' }],
    ['RFC 9111 3.5: and must-revalidate', withCacheControl('must-revalidate'), { authorization: 'Basic eDp5' }],
    [
      'RFC 5861 3: never fresh, but served while it is revalidated',
      withCacheControl('max-age=0, stale-while-revalidate=5, stale-if-error=0'),
    ],
    ['RFC 9111 5.2: no-store inside another value', withCacheControl('community="a, no-store"')],
    ['RFC 9213 2.2: no-store for other caches', ok({ 'cdn-cache-control': 'no-store' })],
    ['no-store in Surrogate-Control', ok({ 'surrogate-control': 'no-store' })],
    ['RFC 9111 5.2.1.4: the client asks for a revalidation', ok(), { 'cache-control': 'no-cache' }],
    ['RFC 9111 5.2.1.1: the client asks for a fresh response', ok(), { 'cache-control': 'max-age=0' }],
    ['RFC 9111 5.4: the client asks for a revalidation with Pragma', ok(), { pragma: 'no-cache' }],
    ['RFC 9111 5.2.1.7: the client asks for a stored response', ok(), { 'cache-control': 'only-if-cached' }],
    ['RFC 9111 7.3: a lifetime, for a request with cookies', withCacheControl('max-age=60'), { cookie: 'a=1' }],
    [
      'RFC 9111 7.3: no-cache, for a request with cookies',
      ok({ ...etag, 'cache-control': 'no-cache' }),
      { cookie: 'a=1' },
    ],
  ];
  for (const [rule, response, request] of cached) {
    it(`${rule}: stored`, () => assert.notEqual(freshnessOf(response, request && { request }), undefined));
  }

  const refused: readonly (readonly [rule: string, response: ResponseHead, request?: ReceivedFields])[] = [
    ['RFC 9111 5.2.2.5: no-store', withCacheControl('no-store')],
    ['RFC 9111 5.2.2.5: no-store beside a lifetime', withCacheControl('public, max-age=60, no-store')],
    ['RFC 9111 5.2.2.5: in capitals', withCacheControl('No-Store')],
    ['RFC 9111 5.2.2.5: on a second line', withCacheControl('max-age=60', 'no-store')],
    ['RFC 9111 5.2.2.5: with a value', withCacheControl('no-store="x"')],
    ['RFC 9111 5.2.1.5: the request says no-store', ok(), { 'cache-control': 'no-store' }],
    ['RFC 9111 5.2.2.7: private', withCacheControl('private, max-age=60')],
    ['RFC 9111 5.2.2.7: private for some fields', withCacheControl('private="x-user, x-count", max-age=60')],
    ['RFC 9111 5.2.2.3: must-understand, but private', withCacheControl('private, no-store, must-understand')],
    ['RFC 9111 3.5: credentials', withCacheControl('max-age=60'), { authorization: 'Basic eDp5' }],
    ['RFC 9111 3.5: an empty Authorization counts', withCacheControl('max-age=60'), { authorization: '' }],
    ['RFC 9111 4.1: Vary: *', ok({ vary: '*' })],
    ['RFC 9111 4.1: * among others, on a second line', ok({ vary: ['accept', 'Origin, *'] })],
    ['RFC 9111 7.3: no lifetime, for a request with cookies', ok(etag), { cookie: 'a=1' }],
    ['RFC 9111 7.3: public without a lifetime, for such a request', withCacheControl('public'), { cookie: 'a=1' }],
    ['varies by cookie', ok({ vary: 'Accept, Cookie' })],
    ['sets a cookie, public or not', ok({ 'set-cookie': ['a=b'], 'cache-control': 'public, max-age=60' })],
    ['RFC 9111 5.2: semicolons instead of commas', withCacheControl('max-age=60; no-store')],
    ['RFC 9111 5.2: no commas', withCacheControl('no-store max-age=60')],
    ['RFC 9111 5.2: a string without an end', withCacheControl('max-age=60, private="a, no-store')],
    ['RFC 9111 5.2: spaces around =', withCacheControl('max-age = 60')],
    ['RFC 9111 5.2.2.4: no-cache without a validator', withCacheControl('no-cache')],
    ['RFC 9111 5.2.2.10: s-maxage of 0 without a validator', withCacheControl('s-maxage=0')],
  ];
  for (const [rule, response, request] of refused) {
    it(`${rule}: not stored`, () => assert.equal(freshnessOf(response, request && { request }), undefined));
  }

  it('RFC 9110 15.1: only the status 200, with or without a lifetime', () => {
    const long = { 'cache-control': 'public, max-age=31536000, immutable', ...etag };
    for (let status = 100; status < 600; status += 1) {
      const isCached = [{}, long].map((headers) => freshnessOf({ status, headers }) !== undefined);
      assert.deepEqual(isCached, [status === 200, status === 200], String(status));
    }
  });

  it('a response that is already stale is stored when it may be served stale or revalidated', () => {
    const old = { 'cache-control': 'max-age=60, stale-if-error=0', age: '61' };
    assert.equal(freshnessOf(ok(old)), undefined);
    assert.notEqual(freshnessOf(ok({ ...old, ...etag })), undefined);
    assert.notEqual(freshnessOf(ok({ ...old, 'cache-control': 'max-age=60, stale-if-error=2' })), undefined);
  });

  for (const options of [{ silentFreshMs: -1 }, { staleIfErrorMs: Number.NaN }, { staleIfErrorMs: Infinity }]) {
    const [name = ''] = Object.keys(options);
    it(`${name} that is invalid is refused at creation`, () => {
      assert.throws(() => createFreshnessOf(options), {
        name: 'RangeError',
        message: new RegExp(`^createFreshnessOf\\(\\): ${name} is .*milliseconds, at least 0`),
      });
    });
  }
});

describe('isWhole (RFC 9111 section 3.3)', () => {
  const rows: readonly (readonly [announced: string | readonly string[] | undefined, bytes: number, whole: boolean])[] =
    [
      ['5', 5, true],
      [undefined, 5, true],
      ['5', 4, false],
      ['5', 6, false],
      ['0', 0, false],
      [undefined, 0, false],
      [['5', '5'], 5, false],
      ['0x5', 5, false],
      ['', 5, false],
    ];
  for (const [announced, bytes, whole] of rows) {
    it(`${bytes} of ${JSON.stringify(announced)} bytes: ${whole ? 'whole' : 'not whole'}`, () => {
      assert.equal(isWhole(ok(announced === undefined ? {} : { 'content-length': announced }), bytes), whole);
    });
  }
});

describe('isInvalidating (RFC 9111 section 4.4)', () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'PURGE', 'get']) {
    it(`${method}: only statuses that are not errors`, () => {
      const statuses = [100, 199, 200, 204, 301, 304, 399, 400, 404, 500].filter((status) =>
        isInvalidating(method, status),
      );
      assert.deepEqual(statuses, [200, 204, 301, 304, 399]);
    });
  }

  for (const method of ['GET', 'HEAD', 'OPTIONS', 'TRACE']) {
    it(`${method}: never`, () => assert.equal(isInvalidating(method, 200), false));
  }
});
