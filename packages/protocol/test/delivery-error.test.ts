import assert from 'node:assert/strict';
import { readDeliveryError } from '@safelight/protocol';

describe('readDeliveryError', () => {
  it('reads a held failure', () => {
    const headers = new Headers({
      'X-Safelight-Error': 'missing_original',
      'X-Cld-Error': 'Resource not found - cat',
      'Retry-After': '57',
      'Server-Timing': 'err;desc="missing_original", rung;desc="2", heal;dur=56400',
      'Cache-Status': 'safelight; hit; ttl=56; detail=missing_original, cdn; fwd=uri-miss',
    });
    assert.deepEqual(readDeliveryError(headers, 404), {
      status: 404,
      code: 'missing_original',
      message: 'Resource not found - cat',
      retryAfterMs: 57_000,
      healsInMs: 56_400,
      rung: 2,
      placeholder: false,
      cached: true,
    });
  });

  it('recognises a placeholder with a status of success', () => {
    const headers = new Headers({ 'Server-Timing': 'err;desc="missing_original", placeholder' });
    const error = readDeliveryError(headers, 200);
    assert.equal(error?.placeholder, true);
    assert.equal(error?.code, 'missing_original');
  });

  it('reads the headers of other servers', () => {
    const headers = new Headers({
      'X-Cld-Error': 'Resource not found - cat',
      'Retry-After': 'Wed, 21 Oct 2026 07:28:00 GMT',
      Date: 'Wed, 21 Oct 2026 07:27:00 GMT',
    });
    const error = readDeliveryError(headers, 404);
    assert.equal(error?.code, undefined);
    assert.equal(error?.cached, undefined);
    assert.equal(error?.message, 'Resource not found - cat');
    assert.equal(error?.retryAfterMs, 60_000);
  });

  it('counts a Retry-After from the given time when there is no Date', () => {
    const headers = new Headers({ 'X-Cld-Error': 'busy', 'Retry-After': 'Wed, 21 Oct 2026 07:28:00 GMT' });
    assert.equal(readDeliveryError(headers, 503, Date.UTC(2026, 9, 21, 7, 27))?.retryAfterMs, 60_000);
  });

  it('is undefined for a success', () => {
    assert.equal(readDeliveryError(new Headers({ 'Server-Timing': 'transform;dur=5' }), 200), undefined);
  });

  it('ignores malformed headers', () => {
    const headers = new Headers({
      'X-Safelight-Error': 'constructor',
      'Retry-After': 'soon',
      'Cache-Status': ',,',
      'Server-Timing': 'rung;desc=x',
    });
    const error = readDeliveryError(headers, 500);
    assert.deepEqual(
      { code: error?.code, retryAfterMs: error?.retryAfterMs, rung: error?.rung, cached: error?.cached },
      { code: undefined, retryAfterMs: undefined, rung: undefined, cached: undefined },
    );
  });
});
