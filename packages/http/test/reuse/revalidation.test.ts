import assert from 'node:assert/strict';
import { ageSecondsOf } from '../../src/reuse/freshness.ts';
import type { ResponseHead } from '../../src/reuse/response-head.ts';
import { freshenedHead, revalidationHeaders } from '../../src/reuse/revalidation.ts';
import { storedHeaders } from '../../src/reuse/stored-headers.ts';
import { dayMs, freshnessOf, httpDate, now, ok } from './responses.ts';

const yesterday = httpDate(now - dayMs);
const notModified = (headers: ResponseHead['headers']): ResponseHead => ({ status: 304, headers });

describe('asking whether a kept answer still holds (RFC 9111 section 4.3.1)', () => {
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
    it(`${JSON.stringify(headers)}: ${JSON.stringify(asked) ?? 'it cannot be asked'}`, () =>
      assert.deepEqual(revalidationHeaders(ok(headers)), asked));
  }
});

describe('what a 304 makes of a kept answer (RFC 9111 section 4.3.4)', () => {
  const about: readonly (readonly [
    why: string,
    cached: ResponseHead['headers'],
    told: ResponseHead['headers'],
    is: boolean,
  ])[] = [
    ['the same strong tag', { etag: '"a"' }, { etag: '"a"' }, true],
    ['another strong tag', { etag: '"a"' }, { etag: '"b"' }, false],
    ['a strong tag that was weak', { etag: 'W/"a"' }, { etag: '"a"' }, false],
    ['a strong tag where there was none', {}, { etag: '"a"' }, false],
    ['the same weak tag', { etag: 'W/"a"' }, { etag: 'W/"a"' }, true],
    ['a weak tag that was strong', { etag: '"a"' }, { etag: 'W/"a"' }, true],
    ['another weak tag', { etag: 'W/"a"' }, { etag: 'W/"b"' }, false],
    ['a weak tag where there was none', {}, { etag: 'W/"a"' }, false],
    ['the same change', { 'last-modified': yesterday }, { 'last-modified': yesterday }, true],
    ['another change', { 'last-modified': yesterday }, { 'last-modified': httpDate(now) }, false],
    ['the same tag, whatever the change', { etag: '"a"', 'last-modified': yesterday }, { etag: '"a"' }, true],
    ['nothing: it was asked about this one', { etag: '"a"' }, {}, true],
    ['nothing, though the change is known', { 'last-modified': yesterday }, {}, true],
    ['nothing, and neither had that', {}, {}, true],
  ];
  for (const [why, cached, told, is] of about) {
    it(`${why}: ${is ? 'freshened' : 'it says nothing of what is kept'}`, () =>
      assert.equal(freshenedHead(ok(cached), notModified(told), now) !== undefined, is));
  }

  it('RFC 9111 3.2: its fields replace the kept ones and are added to them', () => {
    const cached = { etag: '"a"', 'cache-control': 'max-age=60', 'x-old': '1', vary: 'accept', date: yesterday };
    const told = { etag: '"a"', 'cache-control': 'max-age=90', 'x-new': ['2', '3'], vary: 'dpr' };
    assert.deepEqual(
      freshenedHead(ok(cached), notModified(told), now),
      ok({ ...cached, ...told, date: httpDate(now) }),
    );
  });

  it('RFC 9111 3.2: but not those of the bytes, of the connection, or of one client', () => {
    const cached = {
      'content-length': '5',
      'content-type': 'image/webp',
      'content-encoding': 'gzip',
      date: httpDate(now),
    };
    const told = {
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
    assert.deepEqual(freshenedHead(ok(cached), notModified(told), now), ok(cached));
  });

  it('its age and date are those of the 304', () => {
    const first = ok({ etag: '"a"', 'cache-control': 'max-age=60', age: '50', date: yesterday });
    const cached = ok(storedHeaders(first, now - dayMs));
    const ageAfter = (told: ResponseHead['headers']) => {
      const head = freshenedHead(cached, notModified(told), now);
      const freshness = head && freshnessOf(head);
      return freshness && ageSecondsOf(freshness, now);
    };
    assert.deepEqual([ageAfter({}), ageAfter({ age: '7' }), ageAfter({ date: httpDate(now - 9000) })], [0, 7, 9]);
  });

  it('one that says no-store ends the keeping', () => {
    const head = freshenedHead(ok({ etag: '"a"' }), notModified({ etag: '"a"', 'cache-control': 'no-store' }), now);
    assert.equal(head && freshnessOf(head), undefined);
  });
});
