import assert from 'node:assert/strict';
import type { Failed, Failure, Fault } from '@safelight/core';
import { type FailureResponseOptions, failureResponse, scriptlessPolicy } from '@safelight/http';
import { recordSchema } from '../../core/src/record-schema.ts';

const fault: Fault = { code: 'unprocessable', status: 422, class: 'permanent', message: 'The file is damaged' };
const instants = { since: 1_700_000_000_000, failedAt: 1_700_000_030_000, until: 1_700_000_090_000 };
const failure: Failure = { ...fault, class: 'permanent', schema: recordSchema, stamp: 'mark', rung: 3, ...instants };
const placeholder = { contentType: 'image/svg+xml', body: Buffer.from('<svg/>'), vary: 'Accept' };

function respond(change: Partial<FailureResponseOptions> = {}, failed: Partial<Failed> = {}) {
  const outcome: Failed = {
    kind: 'failed',
    source: 'held',
    fault,
    failure,
    remainingMs: 30_500,
    storable: true,
    ...failed,
  };
  return failureResponse({ outcome, wants: 'text', tags: () => ['cat'], ...change });
}

describe('failureResponse', () => {
  it('states code, message and remaining lifetime, for clients and caches', () => {
    const { status, headers, body } = respond();
    assert.equal(status, 422);
    assert.equal(headers['Cache-Control'], 'public, max-age=0, s-maxage=30, stale-while-revalidate=0');
    assert.equal(headers['Retry-After'], 31);
    assert.equal(headers['X-Cld-Error'], 'The file is damaged');
    assert.equal(headers['Cache-Status'], 'safelight; hit; ttl=30; detail=unprocessable');
    assert.equal(headers['Cache-Tag'], 'cat');
    assert.match(String(headers['Server-Timing']), /err;desc="?unprocessable"?, rung;desc="?3"?, heal;dur=31000$/);
    assert.equal(body, 'The file is damaged. Next attempt in 31 s, or as soon as the original changes.\n');
    assert.equal(headers['Content-Length'], (body as string).length);
  });

  it('is not stored by caches when it must not be, or when the failure is not held', () => {
    assert.equal(respond({}, { storable: false }).headers['Cache-Control'], 'no-store');
    const { headers, body } = respond(
      {},
      { failure: undefined, fault: { ...fault, retryAfterMs: 9000 }, source: 'run' },
    );
    assert.deepEqual([headers['Cache-Control'], headers['Retry-After']], ['no-store', 9]);
    assert.equal(headers['Cache-Status'], 'safelight; fwd=uri-miss; fwd-status=422; detail=unprocessable');
    assert.equal(body, 'The file is damaged\n');
  });

  it('says whether the request joined a run whose failure was recorded', () => {
    const { headers } = respond({}, { source: 'joined' });
    assert.match(String(headers['Cache-Status']), /fwd=uri-miss; fwd-status=422; ttl=30; stored; collapsed/);
  });

  it('is a problem document for JSON, also with a placeholder', () => {
    const { headers, body } = respond({ wants: 'json', placeholder });
    assert.match(String(headers['Content-Type']), /^application\/problem\+json/);
    assert.equal(headers['Cache-Control'], 'no-store');
    const problem = JSON.parse(String(body));
    assert.deepEqual([problem.status, problem.detail, problem.rung], [422, 'The file is damaged', 3]);
  });

  it('has neither body nor type for media', () => {
    const { headers, body } = respond({ wants: 'media' });
    assert.deepEqual([body, headers['Content-Length'], headers['Content-Type']], [undefined, 0, undefined]);
  });

  it('is the placeholder where there is one, with the status of the error or another one', () => {
    for (const wants of ['media', 'text'] as const) {
      const { status, headers, body } = respond({ wants, placeholder });
      assert.deepEqual([status, body], [422, placeholder.body]);
      assert.deepEqual(
        [headers['Content-Type'], headers['Content-Length'], headers['Vary']],
        ['image/svg+xml', 6, 'Accept'],
      );
      assert.equal(headers['Content-Security-Policy'], scriptlessPolicy);
      assert.match(String(headers['Server-Timing']), /, placeholder$/);
    }
    assert.equal(respond({ placeholder, placeholderStatus: 200 }).status, 200);
  });

  it('varies by format only when the derivation failed, and not for a missing original', () => {
    assert.equal(respond({ vary: 'Accept' }).headers['Vary'], 'Accept');
    assert.equal(respond({ vary: 'Accept' }, { fault: { ...fault, class: 'absence' } }).headers['Vary'], undefined);
  });

  it('is a 503 when too many requests wait', () => {
    const outcome = { kind: 'busy', retryAfterMs: 1500 } as const;
    const { status, headers, body } = failureResponse({ outcome, wants: 'text', tags: () => [] });
    assert.deepEqual([status, headers['Retry-After'], headers['Cache-Control']], [503, 2, 'no-store']);
    assert.match(String(body), /^Too many requests/);
  });
});
