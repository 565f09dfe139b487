import assert from 'node:assert/strict';
import { failureKinds } from '@safelight/protocol';
import { isPermanent } from '../../src/image/failure-reason.ts';

describe('a permanent reason of a failed picture', () => {
  /** Failures that end by themselves, or by an upload. */
  const transient = [
    'missing_original',
    'missing_version',
    'not_found',
    'handler_failed',
    'bad_gateway',
    'unavailable',
    'timed_out',
    'busy',
    'pending',
    'store_unavailable',
  ];

  it('is every failure that the URL, the original or the law causes', () => {
    const codes = Object.keys(failureKinds);
    assert.deepEqual(codes.filter((code) => !isPermanent({ code })).sort(), [...transient].sort());
  });

  it('is never a transient failure of the ladder', () => {
    for (const [code, kind] of Object.entries(failureKinds)) {
      if (kind.class === 'transient' || kind.class === 'absence') assert.equal(isPermanent({ code }), false, code);
    }
  });

  it('is a verdict of the server about a wrong URL, a forbidden or a too large picture', () => {
    const permanent = ['bad_transformation', 'forbidden', 'too_large'];
    const others = ['missing_original', 'processing', 'cached_error', 'handler_failed', 'placeholder', 'ok', 'unknown'];
    for (const code of permanent) assert.equal(isPermanent({ code }), true, code);
    for (const code of [...others, 'browser_cache_only', 'stale_version', 'network']) {
      assert.equal(isPermanent({ code }), false, code);
    }
  });

  it('needs a code', () => assert.equal(isPermanent({}), false));
});
