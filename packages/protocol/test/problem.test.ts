import assert from 'node:assert/strict';
import { isProblem, problemDocument } from '@safelight/protocol';

describe('problemDocument', () => {
  it('has the cause and the time of the next attempt', () => {
    const problem = problemDocument('missing_original', {
      detail: 'Resource not found - cat',
      instance: '/demo/image/upload/cat.jpg',
      retryAfterMs: 56_001,
      rung: 2,
      nextAttemptAt: 1_795_368_841_000,
      failedSince: 1_795_368_721_000,
    });
    assert.deepEqual(problem, {
      type: 'urn:safelight:missing_original',
      title: 'The original has not been uploaded',
      status: 404,
      code: 'missing_original',
      detail: 'Resource not found - cat',
      instance: '/demo/image/upload/cat.jpg',
      retry_after: 57,
      rung: 2,
      next_attempt_at: '2026-11-22T17:34:01.000Z',
      failed_since: '2026-11-22T17:32:01.000Z',
    });
  });

  it('leaves out members that are not known', () => {
    assert.deepEqual(Object.keys(problemDocument('busy')), ['type', 'title', 'status', 'code']);
    assert.equal(problemDocument('busy', { retryAfterMs: 0 }).retry_after, 1);
    assert.equal(problemDocument('handler_failed', { status: 507 }).status, 507);
  });

  it('leaves out an instant that is not a date', () => {
    assert.equal(problemDocument('busy', { nextAttemptAt: Number.POSITIVE_INFINITY }).next_attempt_at, undefined);
  });
});

describe('isProblem', () => {
  it('accepts a problem document that was sent as JSON', () => {
    assert.ok(isProblem(JSON.parse(JSON.stringify(problemDocument('gone', { rung: 1 })))));
  });

  it('accepts a code of a later version', () => {
    assert.ok(isProblem({ type: 'urn:safelight:too_blue', title: 'Too blue', status: 400, code: 'too_blue' }));
  });

  it('accepts no other value', () => {
    const others = [
      undefined,
      null,
      'x',
      [],
      {},
      { error: { message: 'x' } },
      { type: 'about:blank', title: 'x', status: 404 },
    ];
    for (const other of others) assert.equal(isProblem(other), false);
    assert.equal(isProblem({ ...problemDocument('gone'), status: '410' }), false);
  });
});
