import assert from 'node:assert/strict';
import { createFreshnessOf, type FreshnessOptions } from '../../src/reuse/freshness.ts';
import type { ReceivedFields, ResponseHead } from '../../src/reuse/response-head.ts';
import { isInvalidating, isWhole } from '../../src/reuse/storable.ts';
import { freshnessOf, httpDate, now, ok, secondsOf, withCacheControl } from './responses.ts';

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

  const storedStatuses = (headers: ResponseHead['headers'], options?: FreshnessOptions) =>
    Array.from({ length: 500 }, (_, i) => i + 100).filter(
      (status) => freshnessOf({ status, headers }, {}, options) !== undefined,
    );
  const below400 = Array.from({ length: 200 }, (_, i) => i + 200);

  it('RFC 9111 3: with a lifetime, each status below 400; not a part (206) and not a confirmation (304)', () => {
    const expected = below400.filter((status) => status !== 206 && status !== 304);
    for (const cacheControl of ['public, max-age=31536000, immutable', 's-maxage=60', 'max-age=1']) {
      assert.deepEqual(storedStatuses({ 'cache-control': cacheControl }), expected);
    }
    assert.deepEqual(storedStatuses({ expires: httpDate(now + 60_000) }), expected);
  });

  it('RFC 9110 15.1: without a lifetime, only 200 and 203', () => {
    for (const headers of [{}, etag, { 'cache-control': 'public' }, { 'last-modified': httpDate(now - 60_000) }]) {
      assert.deepEqual(storedStatuses(headers), [200, 203]);
    }
  });

  it('RFC 9111 5.2.2.3: with must-understand, only the statuses that are understood', () => {
    const understood = [200, 203, 204, 300, 301, 302, 303, 307, 308];
    for (const more of ['', ', no-store']) {
      assert.deepEqual(storedStatuses({ 'cache-control': `max-age=60, must-understand${more}` }), understood);
    }
  });

  it('RFC 5861 4: a stale redirect, or a 204, replaces an error only if it says so', () => {
    for (const status of [204, 301, 302, 308]) {
      const onError = (cacheControl: string) =>
        secondsOf(freshnessOf({ status, headers: { 'cache-control': cacheControl } }))[2];
      assert.deepEqual(['max-age=60', 'max-age=60, stale-if-error=5'].map(onError), [60, 65]);
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
  for (const status of [200, 203]) {
    it(`an empty ${status}: not whole`, () => assert.equal(isWhole({ status, headers: {} }, 0), false));
  }

  for (const status of [204, 301, 302, 308]) {
    it(`an empty ${status}: whole`, () => {
      assert.equal(isWhole({ status, headers: {} }, 0), true);
      assert.equal(isWhole({ status, headers: { 'content-length': '0' } }, 0), true);
      assert.equal(isWhole({ status, headers: { 'content-length': '1' } }, 0), false);
    });
  }

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
