import assert from 'node:assert/strict';
import { failureKinds } from '@safelight/protocol';
import { isPermanent } from '../../src/image/failure-reason.ts';

describe('a reason for which a picture is not waited for', () => {
  /** Those that go away by themselves, or by an upload. */
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

  it('is every failure of which the URL, the original or the law is the cause', () => {
    const codes = Object.keys(failureKinds);
    assert.deepEqual(codes.filter((code) => !isPermanent({ code })).sort(), [...transient].sort());
  });

  it('is no failure that the ladder takes for passing', () => {
    for (const [code, kind] of Object.entries(failureKinds)) {
      if (kind.class === 'transient' || kind.class === 'absence') assert.equal(isPermanent({ code }), false, code);
    }
  });

  it('is among the verdicts of the server: a wrong URL, a forbidden or a too large picture', () => {
    const permanent = ['bad_transformation', 'forbidden', 'too_large'];
    const others = ['missing_original', 'processing', 'cached_error', 'handler_failed', 'placeholder', 'ok', 'unknown'];
    for (const code of permanent) assert.equal(isPermanent({ code }), true, code);
    for (const code of [...others, 'browser_cache_only', 'stale_version', 'network']) {
      assert.equal(isPermanent({ code }), false, code);
    }
  });

  it('is none without a code', () => assert.equal(isPermanent({}), false));
});
