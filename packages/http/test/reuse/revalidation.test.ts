import assert from 'node:assert/strict';
import { ageSecondsOf } from '../../src/reuse/freshness.ts';
import type { ResponseHead } from '../../src/reuse/response-head.ts';
import { freshenedHead, revalidationHeaders } from '../../src/reuse/revalidation.ts';
import { storedHeaders } from '../../src/reuse/stored-headers.ts';
import { dayMs, freshnessOf, httpDate, now, ok } from './responses.ts';

const yesterday = httpDate(now - dayMs);
const notModified = (headers: ResponseHead['headers']): ResponseHead => ({ status: 304, headers });

describe('revalidationHeaders (RFC 9111 section 4.3.1)', () => {
  const rows: readonly (readonly [ResponseHead['headers'], ReturnType<typeof revalidationHeaders>])[] = [
    [{}, undefined],
    [{ etag: '"a"' }, { 'if-none-match': '"a"' }],
    [{ etag: 'W/"a"' }, { 'if-none-match': 'W/"a"' }],
    [{ 'last-modified': yesterday }, { 'if-modified-since': yesterday }],
    [
      { etag: '"a"', 'last-modified': yesterday },
      { 'if-none-match': '"a"', 'if-modified-since': yesterday },
    ],
  ];
  for (const [headers, asked] of rows) {
    it(`${JSON.stringify(headers)}: ${JSON.stringify(asked) ?? 'no revalidation'}`, () =>
      assert.deepEqual(revalidationHeaders(ok(headers)), asked));
  }
});

describe('freshenedHead (RFC 9111 section 4.3.4)', () => {
  const rows: readonly (readonly [
    why: string,
    cached: ResponseHead['headers'],
    updates: ResponseHead['headers'],
    isSame: boolean,
  ])[] = [
    ['the same strong tag', { etag: '"a"' }, { etag: '"a"' }, true],
    ['another strong tag', { etag: '"a"' }, { etag: '"b"' }, false],
    ['a strong tag that was weak', { etag: 'W/"a"' }, { etag: '"a"' }, false],
    ['a strong tag where there was none', {}, { etag: '"a"' }, false],
    ['the same weak tag', { etag: 'W/"a"' }, { etag: 'W/"a"' }, true],
    ['a weak tag that was strong', { etag: '"a"' }, { etag: 'W/"a"' }, true],
    ['another weak tag', { etag: 'W/"a"' }, { etag: 'W/"b"' }, false],
    ['a weak tag where there was none', {}, { etag: 'W/"a"' }, false],
    ['the same date', { 'last-modified': yesterday }, { 'last-modified': yesterday }, true],
    ['another date', { 'last-modified': yesterday }, { 'last-modified': httpDate(now) }, false],
    ['the same tag, without a date', { etag: '"a"', 'last-modified': yesterday }, { etag: '"a"' }, true],
    ['no validator: the request was about the stored response', { etag: '"a"' }, {}, true],
    ['no validator, and a stored date', { 'last-modified': yesterday }, {}, true],
    ['no validator on both sides', {}, {}, true],
  ];
  for (const [why, cached, updates, isSame] of rows) {
    it(`${why}: ${isSame ? 'freshened' : 'about another representation'}`, () =>
      assert.equal(freshenedHead(ok(cached), notModified(updates), now) !== undefined, isSame));
  }

  it('RFC 9111 3.2: fields of the 304 replace stored fields, or are added', () => {
    const cached = { etag: '"a"', 'cache-control': 'max-age=60', 'x-old': '1', vary: 'accept', date: yesterday };
    const updates = { etag: '"a"', 'cache-control': 'max-age=90', 'x-new': ['2', '3'], vary: 'dpr' };
    assert.deepEqual(
      freshenedHead(ok(cached), notModified(updates), now),
      ok({ ...cached, ...updates, date: httpDate(now) }),
    );
  });

  it('RFC 9111 3.2: except fields of the bytes, of the connection, or of one client', () => {
    const cached = {
      'content-length': '5',
      'content-type': 'image/webp',
      'content-encoding': 'gzip',
      date: httpDate(now),
    };
    const updates = {
      'content-length': '0',
      'content-type': 'text/html',
      'content-encoding': 'br',
      'content-range': 'bytes 0-0/5',
      connection: 'close, x-hop',
      'x-hop': '1',
      'transfer-encoding': 'chunked',
      'set-cookie': ['a=b'],
      'cache-status': 'other; hit',
    };
    assert.deepEqual(freshenedHead(ok(cached), notModified(updates), now), ok(cached));
  });

  it('age and date are those of the 304', () => {
    const first = ok({ etag: '"a"', 'cache-control': 'max-age=60', age: '50', date: yesterday });
    const cached = ok(storedHeaders(first, now - dayMs));
    const ageAfter = (updates: ResponseHead['headers']) => {
      const head = freshenedHead(cached, notModified(updates), now);
      const freshness = head && freshnessOf(head);
      return freshness && ageSecondsOf(freshness, now);
    };
    assert.deepEqual([ageAfter({}), ageAfter({ age: '7' }), ageAfter({ date: httpDate(now - 9000) })], [0, 7, 9]);
  });

  it('after a 304 with no-store, the response is not stored any more', () => {
    const head = freshenedHead(ok({ etag: '"a"' }), notModified({ etag: '"a"', 'cache-control': 'no-store' }), now);
    assert.equal(head && freshnessOf(head), undefined);
  });
});
