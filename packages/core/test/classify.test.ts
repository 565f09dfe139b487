import assert from 'node:assert/strict';
import {
  badTransformation,
  faultOfError,
  faultOfStatus,
  missingOriginal,
  retryAfterMs,
  TransformError,
  timedOut,
} from '@safelight/core';

describe('classify: the fault that a response or an error means', () => {
  const held: readonly (readonly [number, string])[] = [
    ...[400, 404, 405, 410, 413, 414, 415, 422, 451, 501].map((status) => [status, 'permanent'] as const),
    ...[500, 502, 503, 504].map((status) => [status, 'transient'] as const),
    [403, 'permanent'],
  ];
  for (const [status, heldClass] of held) {
    it(`${status} is ${heldClass}`, () => {
      const fault = faultOfStatus(status);
      assert.equal(fault?.class, heldClass);
      assert.equal(fault?.status, status);
    });
  }

  const named = new Set(held.map(([status]) => status));
  it('no other status from 100 to 599 is held', () => {
    for (let status = 100; status < 600; status += 1) {
      if (!named.has(status)) assert.equal(faultOfStatus(status), undefined, String(status));
    }
  });

  it('a status that may concern one request is held only where `hold` names it', () => {
    const hold = new Set([403]);
    assert.deepEqual(
      [400, 403, 404, 415].map((status) => faultOfStatus(status, { hold })?.status),
      [...[undefined, 403, 404, undefined]],
    );
    assert.deepEqual(
      [faultOfError({ status: 400 }, hold).class, faultOfError({ status: 403 }, hold).class],
      [...['never', 'permanent']],
    );
    assert.equal(faultOfError(badTransformation('no'), new Set()).class, 'permanent');
  });

  it('only a fault without a code of its own may come from the request', () => {
    const faults = [
      faultOfStatus(404),
      faultOfError(new Error('crash')),
      timedOut,
      faultOfError(missingOriginal('cat')),
    ];
    assert.deepEqual(
      faults.map((fault) => fault?.ofVariant === true),
      [true, true, true, false],
    );
  });

  it('only a TransformError can mean that the original is missing', () => {
    assert.equal(faultOfError(missingOriginal('cat')).class, 'absence');
    assert.equal(faultOfStatus(404)?.class, 'permanent');
    assert.equal(faultOfError({ status: 404 }).class, 'permanent');
  });

  it('a TransformError of another copy of this package is recognized by its name', () => {
    const foreign = Object.assign(new Error('Resource not found - cat'), {
      name: 'TransformError',
      code: 'missing_original',
      status: 404,
    });
    assert.equal(TransformError.is(foreign), true);
    assert.equal(faultOfError(foreign).class, 'absence');
  });

  it('the message of an unexpected error does not reach clients', () => {
    for (const error of [new Error('/home/secret: EACCES'), 'secret', undefined, { status: 503, message: 'secret' }]) {
      assert.doesNotMatch(faultOfError(error).message, /secret/);
    }
  });

  it('an error with a status that is never held keeps its status', () => {
    assert.deepEqual([faultOfError({ status: 429 }).status, faultOfError({ statusCode: 401 }).class], [429, 'never']);
    assert.equal(faultOfError({ status: 200 }).status, 500);
  });

  const now = Date.UTC(2026, 0, 1);
  const waits: readonly (readonly [unknown, number | undefined])[] = [
    ['10', 10_000],
    [10, 10_000],
    ['0', 1000],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 1000],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ['soon', undefined],
    ['-5', undefined],
    ['', undefined],
    [undefined, undefined],
    [['10'], undefined],
    [null, undefined],
    [{}, undefined],
    [true, undefined],
    [-5, undefined],
    [1.5, undefined],
    ['1.5', undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [' 10 ', 10_000],
    ['3000', 3_000_000],
    ['2026-01-01T00:01:00Z', undefined],
    ['Thu, 01 Jan 2026 00:01:00', undefined],
    ['Jan 1 2027', undefined],
    ['Thu, 31 Feb 2027 00:01:00 GMT', undefined],
    ['999999', 999_999_000],
  ];
  for (const [value, expected] of waits) {
    it(`Retry-After ${JSON.stringify(value)} is ${expected} ms`, () =>
      assert.equal(retryAfterMs(value, now), expected));
  }
});
