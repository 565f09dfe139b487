import assert from 'node:assert/strict';
import { storedHeaders } from '../../src/reuse/stored-headers.ts';
import { httpDate, now, ok } from './responses.ts';

const date = httpDate(now);

describe('what is put away of an answer', () => {
  it('RFC 9111 3.1: every field, also an unknown one', () => {
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

  it('RFC 9110 7.6.1: not what Connection names, in any capitals, on any line', () => {
    const headers = { connection: ['close, X-Hop', 'x-other'], 'x-hop': '1', 'x-other': '2', 'x-end': '3', date };
    assert.deepEqual(storedHeaders(ok(headers), now), { 'x-end': '3', date });
  });

  for (const name of ['age', 'set-cookie', 'cache-status']) {
    it(`not ${name}, which is of one request`, () =>
      assert.deepEqual(storedHeaders(ok({ [name]: 'x', date }), now), { date }));
  }

  it('RFC 9213 2.2: what is meant for other caches is handed on to them', () => {
    const headers = { 'cdn-cache-control': 'max-age=600', 'surrogate-control': 'max-age=600', date };
    assert.deepEqual(storedHeaders(ok(headers), now), headers);
  });

  const dates: readonly (readonly [why: string, date: string | undefined, cached: string])[] = [
    ['the one that it has', httpDate(now - 60_000), httpDate(now - 60_000)],
    ['the same in the future', httpDate(now + 60_000), httpDate(now + 60_000)],
    ['when it came, without one', undefined, date],
    ['when it came, for one that cannot be read', 'yesterday', date],
  ];
  for (const [why, given, cached] of dates) {
    it(`RFC 9110 6.6.1: its date is ${why}`, () => {
      assert.deepEqual(storedHeaders(ok(given === undefined ? {} : { date: given }), now + 999), { date: cached });
    });
  }
});
