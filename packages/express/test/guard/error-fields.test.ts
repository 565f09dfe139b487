import assert from 'node:assert/strict';
import type { Failed } from '@safelight/core';
import { errorFields, shortened } from '../../src/guard/error-fields.ts';

const fault = { code: 'not_found', status: 404, class: 'permanent', message: 'Not found' } as const;
const failure = { ...fault, schema: 2, stamp: 'm', rung: 2, since: 0, failedAt: 0, until: 120_000 } as const;
const held: Failed = { kind: 'failed', source: 'held', fault, failure, remainingMs: 59_500, storable: true };
const options = { tags: ['cat'], vary: undefined, hasCookies: false };
const having = (fields: Readonly<Record<string, unknown>>) => (name: string) => fields[name];

describe('the fields that the guard adds to an error of the application', () => {
  it('say how long it is held, where the application says nothing', () => {
    const fields = errorFields(held, options, having({}));
    assert.equal(fields['Retry-After'], 60);
    assert.equal(fields['Cache-Control'], 'public, max-age=0, s-maxage=59, stale-while-revalidate=0');
    assert.equal(fields['Cache-Status'], 'safelight; hit; ttl=59; detail=not_found');
    assert.equal(fields['Server-Timing'], 'err;desc="not_found", rung;desc="2", heal;dur=60000');
    assert.equal(fields['Cache-Tag'], 'cat');
    assert.equal(fields['Vary'], undefined);
  });

  it('stand beside those of the application, and replace none but a longer lifetime', () => {
    const said = {
      ...{ 'cache-control': 'private, max-age=600', 'server-timing': 'db;dur=5', 'cache-status': 'other; hit' },
      ...{ vary: 'Origin', 'retry-after': '7', 'cache-tag': 'mine' },
    };
    const fields = errorFields(held, { ...options, vary: 'cookie' }, having(said));
    assert.equal(fields['Cache-Control'], 'private, max-age=59');
    assert.match(String(fields['Server-Timing']), /^db;dur=5, err;/);
    assert.match(String(fields['Cache-Status']), /^other; hit, safelight; hit/);
    assert.equal(fields['Vary'], 'Origin, cookie');
    assert.deepEqual([fields['Retry-After'], fields['Cache-Tag']], [undefined, undefined]);
  });

  it('let no shared cache store an error page for a request with cookies, or one that may be wrong', () => {
    const cacheControl = (outcome: Failed, hasCookies = false) =>
      errorFields(outcome, { ...options, hasCookies }, having({}))['Cache-Control'];
    assert.equal(cacheControl(held, true), 'private, max-age=0');
    assert.equal(cacheControl({ ...held, storable: false }), 'no-store');
    assert.equal(cacheControl({ ...held, failure: undefined }), 'no-store');
    assert.equal(cacheControl({ ...held, fault: { ...fault, noStore: true } }), 'no-store');
  });

  it('shorten each lifetime, in any spelling, in linear time', () => {
    assert.equal(shortened('Max-Age = "600", s-maxage=5, immutable', 60), 'Max-Age = "60", s-maxage=5, immutable');
    const long = 'max-age='.repeat(20_000);
    assert.equal(shortened(long, 60), long);
  });
});
