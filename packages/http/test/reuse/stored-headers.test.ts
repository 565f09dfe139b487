import assert from 'node:assert/strict';
import { storedHeaders } from '../../src/reuse/stored-headers.ts';
import { httpDate, now, ok } from './responses.ts';

const date = httpDate(now);

describe('storedHeaders', () => {
  it('RFC 9111 3.1: all fields, also unknown ones', () => {
    const headers = {
      'content-type': 'image/webp',
      etag: '"a"',
      'cache-control': 'max-age=60',
      'x-colour': ['red', 'blue'],
      link: '</a>; rel=preload',
    };
    assert.deepEqual(storedHeaders(ok({ ...headers, date }), now), { ...headers, date });
  });

  const dropped = [
    'connection',
    'keep-alive',
    'proxy-authenticate',
    'proxy-authentication-info',
    'proxy-authorization',
    'proxy-connection',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
  ];
  for (const name of dropped) {
    it(`RFC 9110 7.6.1: not ${name}`, () => assert.deepEqual(storedHeaders(ok({ [name]: 'x', date }), now), { date }));
  }

  it('RFC 9110 7.6.1: not the fields that Connection names, in any case, on any line', () => {
    const headers = { connection: ['close, X-Hop', 'x-other'], 'x-hop': '1', 'x-other': '2', 'x-end': '3', date };
    assert.deepEqual(storedHeaders(ok(headers), now), { 'x-end': '3', date });
  });

  for (const name of ['age', 'set-cookie', 'cache-status']) {
    it(`not ${name}, which is about one request`, () =>
      assert.deepEqual(storedHeaders(ok({ [name]: 'x', date }), now), { date }));
  }

  it('RFC 9213 2.2: fields for other caches stay', () => {
    const headers = { 'cdn-cache-control': 'max-age=600', 'surrogate-control': 'max-age=600', date };
    assert.deepEqual(storedHeaders(ok(headers), now), headers);
  });

  const dates: readonly (readonly [why: string, date: string | undefined, stored: string])[] = [
    ['its own Date', httpDate(now - 60_000), httpDate(now - 60_000)],
    ['its own Date, in the future', httpDate(now + 60_000), httpDate(now + 60_000)],
    ['the time of receipt, without a Date', undefined, date],
    ['the time of receipt, for a malformed Date', 'yesterday', date],
  ];
  for (const [why, given, stored] of dates) {
    it(`RFC 9110 6.6.1: the date is ${why}`, () => {
      assert.deepEqual(storedHeaders(ok(given === undefined ? {} : { date: given }), now + 999), { date: stored });
    });
  }
});
